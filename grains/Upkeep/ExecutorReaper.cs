using System.Collections.Concurrent;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Grains.Upkeep;

/// <summary>
/// Declares executor nodes lost whose leases have run out, and ends the runs that are placed on them: nothing of them runs
/// any more, for a node that cannot renew its lease ends its processes before.
/// </summary>
/// <remarks>
/// First the epoch is raised, then the runs are told. From the first on the node can neither renew nor report; whoever dies
/// between the two leaves runs that say so themselves, since they are placed under an epoch that is over. They are looked
/// for in every round, whoever has declared their node lost.
/// </remarks>
public sealed partial class ExecutorReaper(
    IExecutorNodes nodes,
    IGrainFactory grains,
    IOptions<UpkeepOptions> options,
    ILogger<ExecutorReaper> log
) : IUpkeepDuty
{
    /// <summary>Short: a lost run is to be retried elsewhere soon.</summary>
    public TimeSpan Period => TimeSpan.FromSeconds(2);

    public async Task Round(CancellationToken ending)
    {
        foreach (var lost in await nodes.FenceExpired())
            LogLost(lost);

        var size = options.Value.BatchSize;
        var (told, missed) = (
            new ConcurrentDictionary<ExecutorTenure, int>(),
            new ConcurrentDictionary<ExecutorTenure, int>()
        );
        await Pages.ForEach(
            Pages.Of((string? after) => nodes.ListStranded(after, size), run => run.Id, size),
            async run => (await Tell(run) ? told : missed).AddOrUpdate(run.Executor, 1, (_, count) => count + 1),
            size,
            ending
        );
        foreach (var (node, count) in told)
            LogEnded(node, count);
        foreach (var (node, count) in missed)
            LogMissed(node, count, Period);
    }

    /// <summary>One run that cannot be told does not keep the others; it is there again in the next round.</summary>
    private async Task<bool> Tell(StrandedRun run)
    {
        try
        {
            await grains.Grain<IJobRunGrain>(run.Id).ExecutorLost(run.Executor);
            return true;
        }
        catch (Exception e)
        {
            LogNotTold(e, run.Id, run.Executor);
            return false;
        }
    }

    [LoggerMessage(70, LogLevel.Warning, "Executor node {Node} was declared lost: it did not renew its lease.")]
    private partial void LogLost(ExecutorTenure node);

    [LoggerMessage(71, LogLevel.Warning, "Executor node {Node} was declared lost; {Count} runs of it are ended.")]
    private partial void LogEnded(ExecutorTenure node, int count);

    [LoggerMessage(
        72,
        LogLevel.Error,
        "Executor node {Node} was declared lost; {Count} runs of it could not be told. They are tried again in {Period}."
    )]
    private partial void LogMissed(ExecutorTenure node, int count, TimeSpan period);

    [LoggerMessage(73, LogLevel.Debug, "Run {RunId} could not be told that {Node} is lost.")]
    private partial void LogNotTold(Exception exception, string runId, ExecutorTenure node);
}
