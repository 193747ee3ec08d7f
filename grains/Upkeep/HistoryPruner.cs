using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Runs;
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
) : IUpkeepDuty
{
    /// <summary>Between two looks at a history that has nothing more to remove. Time on the node's clock.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromHours(1);

    /// <summary>Rows removed at a time, while everybody else's writes wait.</summary>
    private const int LargestBatch = 100;

    /// <summary>Then others have the disk to themselves until the next sweep.</summary>
    private const int MostBatches = 20;

    /// <summary>Where the next round goes on; <c>null</c> = at the run that ended first.</summary>
    private EndedRun? _after;

    /// <summary>Whether the list has been worked through to its end.</summary>
    private bool _isAtEnd;

    public TimeSpan Period
    {
        get
        {
            var sweep = options.Value.SweepPeriod;
            var rest = Rest / wall.NodeSpeed;
            return _isAtEnd && rest > sweep ? rest : sweep;
        }
    }

    public async Task Round(CancellationToken ending)
    {
        _isAtEnd = false;
        var removed = 0;
        for (var batch = 0; batch < MostBatches && !_isAtEnd && !ending.IsCancellationRequested; batch++)
        {
            var size = Math.Min(options.Value.BatchSize, LargestBatch);
            var ended = await store.ListEndedBefore(clock.GetUtcMilliseconds() - runs.Value.KeepHistory, _after, size);
            var forgotten = new List<string>(ended.Count);
            foreach (var run in ended)
            {
                if (!ending.IsCancellationRequested && await Forget(run))
                    forgotten.Add(run.Id);
            }

            removed += await store.Remove(forgotten);
            _isAtEnd = ended.Count < size;
            _after = _isAtEnd ? null : ended[^1];
        }

        if (removed > 0)
            LogRemoved(removed, runs.Value.KeepHistory);
    }

    /// <summary>One run that cannot be removed does not keep the others.</summary>
    private async Task<bool> Forget(EndedRun run)
    {
        try
        {
            return await executor.Forget(run.Id, run.Executor);
        }
        catch (Exception e)
        {
            LogNotForgotten(e, run.Id);
            return false;
        }
    }

    [LoggerMessage(50, LogLevel.Information, "Runs removed that ended more than {KeepHistory} ago: {Count}.")]
    private partial void LogRemoved(int count, TimeSpan keepHistory);

    [LoggerMessage(51, LogLevel.Warning, "Run {RunId} could not be removed; it is tried again later.")]
    private partial void LogNotForgotten(Exception exception, string runId);
}
