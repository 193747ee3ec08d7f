using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Executors;

/// <summary>An embedded node: the only executor there is. It needs no lease, since nobody could be given its runs.</summary>
internal sealed class SoleExecutorNode(IOptions<ProcessExecutorOptions> options)
    : IExecutorNodes,
        IUpkeepLease,
        IExecutorReach
{
    public const string Name = "local";

    public static readonly ExecutorTenure Tenure = new(Name, Epoch: 0);

    public Task<LeaseAnswer> Acquire(LeaseRequest request) =>
        Task.FromResult(new LeaseAnswer(Tenure, IsContinued: true));

    public Task<bool> Renew(ExecutorTenure tenure, LeaseRequest request) => Task.FromResult(tenure == Tenure);

    public Task<IReadOnlyList<ExecutorNode>> ListLive() =>
        Task.FromResult<IReadOnlyList<ExecutorNode>>([
            new ExecutorNode(Tenure, IsAccepting: true, options.Value.Places, options.Value.Dpus),
        ]);

    public Task<IReadOnlyList<ExecutorTenure>> FenceExpired() => Task.FromResult<IReadOnlyList<ExecutorTenure>>([]);

    public Task<IReadOnlyList<StrandedRun>> ListStranded(string? after, int limit) =>
        Task.FromResult<IReadOnlyList<StrandedRun>>([]);

    public Task<bool> TryHold(string holder, TimeSpan lasts) => Task.FromResult(true);

    public bool IsReachable(string node) => node == Name;
}
