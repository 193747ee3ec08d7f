using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Runs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Grains.Upkeep;

/// <summary>
/// Removes the runs that ended longer ago than <see cref="RunDeadlines.KeepHistory"/>: first their directories, then their
/// rows. So after a crash in between the rows are still there to say what has to be removed.
/// </summary>
/// <remarks>
/// A run that cannot be removed (a process of it lives, a file of it cannot be deleted) is passed over, and met again when
/// the end of the list has been reached.
/// </remarks>
public sealed partial class HistoryPruner(
    IRunStore store,
    IRunExecutor executor,
    IOptions<RunDeadlines> runs,
    IOptions<UpkeepOptions> options,
    TimeProvider clock,
    IWallClock wall,
    ILogger<HistoryPruner> log
) : BackgroundService
{
    /// <summary>Between two looks at a history that has nothing more to remove. Time on the node's clock.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    /// <summary>Rows removed at a time, while everybody else's writes wait.</summary>
    private const int LargestBatch = 100;

    /// <summary>Then others have the disk to themselves until the next sweep.</summary>
    private const int MostBatches = 20;

    /// <summary>Where the next round goes on; <c>null</c> = at the run that ended first.</summary>
    private EndedRun? _after;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var sweep = options.Value.SweepPeriod;
        var rest = Period / wall.NodeSpeed > sweep ? Period / wall.NodeSpeed : sweep;
        using var timer = new PeriodicTimer(sweep, wall.Time);
        do
        {
            try
            {
                timer.Period = await Round(stoppingToken) ? rest : sweep;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogRoundFailed(e, timer.Period);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>True when the list has been worked through to its end.</summary>
    private async Task<bool> Round(CancellationToken stopping)
    {
        var removed = 0;
        var isAtEnd = false;
        for (var batch = 0; batch < MostBatches && !isAtEnd && !stopping.IsCancellationRequested; batch++)
        {
            var size = Math.Min(options.Value.BatchSize, LargestBatch);
            var ended = await store.ListEndedBefore(clock.GetUtcMilliseconds() - runs.Value.KeepHistory, _after, size);
            var forgotten = new List<string>(ended.Count);
            foreach (var run in ended)
            {
                if (!stopping.IsCancellationRequested && await Forget(run.Id))
                    forgotten.Add(run.Id);
            }

            removed += await store.Remove(forgotten);
            isAtEnd = ended.Count < size;
            _after = isAtEnd ? null : ended[^1];
        }

        if (removed > 0)
            LogRemoved(removed, runs.Value.KeepHistory);
        return isAtEnd;
    }

    /// <summary>One run that cannot be removed does not keep the others.</summary>
    private async Task<bool> Forget(string runId)
    {
        try
        {
            return await executor.Forget(runId);
        }
        catch (Exception e)
        {
            LogNotForgotten(e, runId);
            return false;
        }
    }

    [LoggerMessage(50, LogLevel.Information, "Runs removed that ended more than {KeepHistory} ago: {Count}.")]
    private partial void LogRemoved(int count, TimeSpan keepHistory);

    [LoggerMessage(51, LogLevel.Warning, "Run {RunId} could not be removed; it is tried again later.")]
    private partial void LogNotForgotten(Exception exception, string runId);

    [LoggerMessage(52, LogLevel.Error, "Removing old runs failed; the next try is in {Period}.")]
    private partial void LogRoundFailed(Exception exception, TimeSpan period);
}
