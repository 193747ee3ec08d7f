using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace GlueOrleans.Grains.Executors;

/// <summary>Hands what other silos ask to this node's executor. A silo without one may have had one before its last restart.</summary>
[Reentrant]
internal sealed class ExecutorService(
    GrainId id,
    Orleans.Runtime.Silo silo,
    ILoggerFactory logs,
    ThisNode node,
    IServiceProvider services
) : GrainService(id, silo, logs), IExecutorService
{
    private INodeExecutor Local =>
        services.GetService<INodeExecutor>()
        ?? throw new ExecutorUnreachableException(
            $"The silo {node.Name} runs no scripts any more: start it with the role executor."
        );

    public Task Launch(RunRecord run, BookmarkInput? bookmark) => Local.Launch(run, bookmark);

    public Task FailLaunch(RunRecord run, string errorMessage) => Local.FailLaunch(run, errorMessage);

    public Task Resume(RunRecord run) => Local.Resume(run);

    public Task Stop(RunRecord run) => Local.Stop(run);

    public Task Drain(RunRecord run) => Local.Drain(run);

    /// <remarks>A silo that runs no scripts any more has nothing to delete, or what it has is nobody's business.</remarks>
    public Task<bool> Forget(string runId) =>
        services.GetService<INodeExecutor>()?.Forget(runId, executor: null) ?? Task.FromResult(true);

    public Task<RunLogPart?> ReadLog(RunRecord run, RunLog log, RunLogRange range) =>
        services.GetService<INodeLogs>() is { } files
            ? files.Read(run, log, range)
            : throw new ExecutorUnreachableException(
                $"The silo {node.Name} runs no scripts any more, and does not know where their output is."
            );
}
