using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Grains.Executors;

/// <summary>
/// Takes each request to the node that its run is placed on. One that cannot be reached is an exception: what is lost so is
/// made up for by the node itself, which looks into the run table when it is back (<see cref="ExecutorPull"/>).
/// </summary>
internal sealed class RoutedExecutor(
    ThisNode here,
    ExecutorSilos silos,
    IExecutorServiceClient others,
    IExecutorNodes leases,
    IWallClock wall,
    INodeExecutor? local
) : IRunExecutor
{
    /// <summary>How old a list of leases may be for saying of a node that it is gone. Histories are pruned by hundreds.</summary>
    private static readonly TimeSpan LeasesLast = TimeSpan.FromSeconds(5);

    private IReadOnlyList<ExecutorNode> _leases = [];
    private DateTimeOffset? _lookedOn;

    public Task Launch(RunRecord run, BookmarkInput? bookmark) =>
        IsHere(run.Executor) ? Local(run).Launch(run, bookmark) : On(run.Executor).Launch(run, bookmark);

    public Task FailLaunch(RunRecord run, string errorMessage) =>
        IsHere(run.Executor)
            ? Local(run).FailLaunch(run, errorMessage)
            : On(run.Executor).FailLaunch(run, errorMessage);

    public Task Resume(RunRecord run) => IsHere(run.Executor) ? Local(run).Resume(run) : On(run.Executor).Resume(run);

    public Task Stop(RunRecord run) => IsHere(run.Executor) ? Local(run).Stop(run) : On(run.Executor).Stop(run);

    public Task Drain(RunRecord run) => IsHere(run.Executor) ? Local(run).Drain(run) : On(run.Executor).Drain(run);

    /// <remarks>What a node keeps that has gone for good is nobody's any more. One that is only away for a while has its lease,
    /// or is met again when it is back: its runs are passed over until then.</remarks>
    public async Task<bool> Forget(string runId, ExecutorTenure? executor)
    {
        if (IsHere(executor))
            return local is null || await local.Forget(runId, executor);
        return silos.Find(executor.Node) is { } silo
            ? await others.On(silo).Forget(runId)
            : !await HasLease(executor.Node);
    }

    private bool IsHere([System.Diagnostics.CodeAnalysis.NotNullWhen(false)] ExecutorTenure? executor) =>
        executor is null || executor.Node == here.Name;

    private INodeExecutor Local(RunRecord run) =>
        local
        ?? throw new ExecutorUnreachableException(
            $"Run {run.Id} is placed on {here.Name}, which runs no scripts any more: start it with the role executor."
        );

    private IExecutorService On(ExecutorTenure executor) =>
        silos.Find(executor.Node) is { } silo
            ? others.On(silo)
            : throw new ExecutorUnreachableException(
                $"The executor node {executor.Node} cannot be reached now: its silo is not in the cluster."
            );

    private async Task<bool> HasLease(string node)
    {
        var now = wall.Time.GetUtcNow();
        if (_lookedOn is not { } lookedOn || now - lookedOn > LeasesLast)
        {
            _leases = await leases.ListLive();
            _lookedOn = now;
        }

        return _leases.Any(lease => lease.Tenure.Node == node);
    }
}
