using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GlueOrleans.Grains.Executors;

/// <summary>
/// Looks every few seconds which unfinished runs the table places on this node, and has their grains ask for it again what
/// they want done: so a Launch, Stop or Resume that was lost on its way is made up for, as is a restart of the node.
/// </summary>
/// <remarks>Rows of an earlier epoch are not this node's any more: whoever tends lost nodes ends them.</remarks>
public sealed partial class ExecutorPull(
    INodeExecutor executor,
    IRunStore store,
    IGrainFactory grains,
    IWallClock wall,
    ILogger<ExecutorPull> log
) : BackgroundService
{
    /// <summary>Between two looks. Wall time. A call that is lost costs a run up to this.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>How soon a tenure that has just begun is noticed. Wall time.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private const int PageSize = 1000;

    /// <summary>Grains that are asked at a time.</summary>
    private const int Concurrency = 16;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        ExecutorTenure? last = null;
        var lookedAt = wall.Time.GetTimestamp();
        using var timer = new PeriodicTimer(Tick, wall.Time);
        do
        {
            if (executor.Tenure is not { } tenure)
            {
                last = null;
                continue;
            }

            if (tenure == last && wall.Time.GetElapsedTime(lookedAt) < Period)
                continue;
            try
            {
                await Look(tenure, stoppingToken);
                last = tenure;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                last = tenure;
                LogLookFailed(e, Period);
            }

            lookedAt = wall.Time.GetTimestamp();
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Once through all unfinished runs of the node.</summary>
    internal async Task Look(ExecutorTenure tenure, CancellationToken stopping)
    {
        var placed = new HashSet<string>(StringComparer.Ordinal);
        string? after = null;
        do
        {
            var page = await store.ListByExecutor(tenure.Node, after, PageSize);
            var own = page.Where(run => run.Executor == tenure).ToList();
            placed.UnionWith(own.Select(run => run.Id));
            await Parallel.ForEachAsync(
                own.Where(IsWanted),
                new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = stopping },
                async (run, _) => await CatchUp(run)
            );
            after = page.Count == PageSize ? page[^1].Id : null;
        } while (after is not null);

        if (executor.Tenure == tenure)
            executor.ExpectOnly(placed);
    }

    /// <summary>A script that runs and is observed needs nothing.</summary>
    private bool IsWanted(PlacedRun run) => run.State != JobRunState.Running || !executor.Knows(run.Id);

    /// <summary>One run that cannot be asked for does not keep the others.</summary>
    private async Task CatchUp(PlacedRun run)
    {
        try
        {
            await grains.Grain<IJobRunGrain>(run.Id).CatchUp();
        }
        catch (Exception e)
        {
            LogNotCaughtUp(e, run.Id);
        }
    }

    [LoggerMessage(95, LogLevel.Warning, "Looking for the runs of this node failed; the next look is in {Period}.")]
    private partial void LogLookFailed(Exception exception, TimeSpan period);

    [LoggerMessage(96, LogLevel.Warning, "Run {RunId}: its grain could not be asked what it wants of this node.")]
    private partial void LogNotCaughtUp(Exception exception, string runId);
}
