using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Grains.Upkeep;

/// <summary>
/// Wakes runs whose grains do not know that they are wanted: at the beginning of a term, every run that has not ended; from
/// then on, those whose deadline has passed although their grain's timer should have seen to it.
/// </summary>
/// <remarks>The run table is the authority and waking is idempotent, so a run that needed nothing comes to no harm.</remarks>
public sealed partial class UnfinishedRunWaker(
    IRunStore store,
    IGrainFactory grains,
    IOptions<UpkeepOptions> options,
    TimeProvider clock,
    IWallClock wall,
    ILogger<UnfinishedRunWaker> log
) : IUpkeepDuty
{
    /// <summary>The head start that a grain's own timer has before the sweep does its work. Wall time.</summary>
    private static readonly TimeSpan TimerHeadStart = TimeSpan.FromSeconds(2);

    /// <summary>How often all are woken again because one could not be; then it is left to its deadline and to whoever asks
    /// for it.</summary>
    private const int MostTries = 5;

    private int _tries;
    private bool _allAwake;

    /// <summary>Sooner while some may be asleep: a call to a silo that is just leaving fails, and the next one does not.</summary>
    public TimeSpan Period => _allAwake ? options.Value.SweepPeriod : options.Value.SweepPeriod / 5;

    public async Task Round(CancellationToken ending)
    {
        if (!_allAwake)
        {
            var all = await WakeAllUnfinished(ending);
            _allAwake = all || ++_tries == MostTries;
        }

        await WakeOverdue();
    }

    /// <summary>False when a run could not be woken.</summary>
    private async Task<bool> WakeAllUnfinished(CancellationToken ending)
    {
        var size = options.Value.BatchSize;
        var (woken, asleep) = (0, 0);
        var ids = Pages.Of((string? after) => store.ListUnfinished(after, size), id => id, size);
        await Pages.ForEach(
            ids,
            async id =>
            {
                if (await Wake(id))
                    Interlocked.Increment(ref woken);
                else
                    Interlocked.Increment(ref asleep);
            },
            size,
            ending
        );
        if (woken > 0)
            LogWoken(woken);
        return asleep == 0;
    }

    private async Task WakeOverdue()
    {
        var before = clock.GetUtcMilliseconds() - TimerHeadStart * wall.NodeSpeed;
        await Task.WhenAll((await store.ListOverdue(before, options.Value.BatchSize)).Select(Wake));
    }

    /// <summary>One that cannot be woken does not keep the others asleep.</summary>
    private async Task<bool> Wake(string id)
    {
        try
        {
            await grains.Grain<IJobRunGrain>(id).Wake();
            return true;
        }
        catch (Exception e)
        {
            LogNotWoken(e, id);
            return false;
        }
    }

    [LoggerMessage(20, LogLevel.Information, "Runs picked up that had not ended: {Count}.")]
    private partial void LogWoken(int count);

    [LoggerMessage(21, LogLevel.Warning, "Run {RunId} could not be woken; the next sweep tries again.")]
    private partial void LogNotWoken(Exception exception, string runId);
}
