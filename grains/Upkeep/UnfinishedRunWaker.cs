using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Grains.Upkeep;

/// <summary>
/// Wakes runs whose grains do not know that they are wanted: once after the start, every run that has not ended; from
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
) : BackgroundService
{
    /// <summary>The head start that a grain's own timer has before the sweep does its work. Wall time.</summary>
    private static readonly TimeSpan TimerHeadStart = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var allAwake = false;
        using var timer = new PeriodicTimer(options.Value.SweepPeriod, wall.Time);
        do
        {
            try
            {
                allAwake = allAwake || await WakeAllUnfinished(stoppingToken);
                await WakeOverdue();
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogSweepFailed(e, options.Value.SweepPeriod);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>False when a run could not be woken, so that the next round tries all again.</summary>
    private async Task<bool> WakeAllUnfinished(CancellationToken stopping)
    {
        var (found, woken) = (0, 0);
        string? after = null;
        do
        {
            var ids = await store.ListUnfinished(after, options.Value.BatchSize);
            found += ids.Count;
            woken += await Wake(ids);
            after = ids.Count == options.Value.BatchSize ? ids[^1] : null;
        } while (after is not null && !stopping.IsCancellationRequested);

        if (woken > 0)
            LogWoken(woken);
        return woken == found;
    }

    private async Task WakeOverdue() =>
        await Wake(
            await store.ListOverdue(
                clock.GetUtcMilliseconds() - TimerHeadStart * wall.NodeSpeed,
                options.Value.BatchSize
            )
        );

    /// <summary>Wakes each run; one that cannot be woken does not keep the others asleep.</summary>
    private async Task<int> Wake(IReadOnlyList<string> ids)
    {
        var results = await Task.WhenAll(
            ids.Select(async id =>
            {
                try
                {
                    await grains.GetGrain<IJobRunGrain>(id).Wake();
                    return 1;
                }
                catch (Exception e)
                {
                    LogNotWoken(e, id);
                    return 0;
                }
            })
        );
        return results.Sum();
    }

    [LoggerMessage(20, LogLevel.Information, "Runs picked up that had not ended: {Count}.")]
    private partial void LogWoken(int count);

    [LoggerMessage(21, LogLevel.Warning, "Run {RunId} could not be woken; the next sweep tries again.")]
    private partial void LogNotWoken(Exception exception, string runId);

    [LoggerMessage(22, LogLevel.Error, "The sweep over unfinished runs failed; the next one is in {Period}.")]
    private partial void LogSweepFailed(Exception exception, TimeSpan period);
}
