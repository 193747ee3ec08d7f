using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Tests.Executor;

/// <summary>Leases over a database that can be away, and that a test can look into.</summary>
internal sealed class FaultyNodes(IExecutorNodes nodes, SkewedTime clock) : IExecutorNodes
{
    private int _renewals;

    public bool IsAway { get; set; }

    /// <summary>Requests are neither carried out nor answered.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Leases that are taken without the node hearing of it.</summary>
    public int AnswersToLose { get; set; }

    public int Renewals => Volatile.Read(ref _renewals);

    public LeaseRequest? Last { get; private set; }

    /// <summary>Sees each request that comes through.</summary>
    public Action<LeaseRequest> OnAcquire { get; set; } = static _ => { };

    public Task<LeaseAnswer> Acquire(LeaseRequest request) =>
        Reached(
            async () =>
            {
                OnAcquire(request);
                var answer = await nodes.Acquire(request);
                return --AnswersToLose >= 0 ? throw new StoreUnavailableException("The answer was lost.") : answer;
            },
            request
        );

    /// <summary>The database's clock has it that the lease lasts longer than the node believes.</summary>
    public Task Prolong(ExecutorTenure tenure, TimeSpan lasts) => nodes.Renew(tenure, Last! with { Lasts = lasts });

    /// <summary>As if the lease of the node had run out, and the cluster had noticed.</summary>
    public void DeclareLost()
    {
        clock.Skew += TimeSpan.FromDays(1);
        nodes.FenceExpired().GetAwaiter().GetResult();
    }

    public async Task<bool> Renew(ExecutorTenure tenure, LeaseRequest request)
    {
        var renewed = await Reached(() => nodes.Renew(tenure, request), request);
        Interlocked.Increment(ref _renewals);
        return renewed;
    }

    public Task<IReadOnlyList<ExecutorNode>> ListLive() => nodes.ListLive();

    public Task<IReadOnlyList<ExecutorTenure>> FenceExpired() => nodes.FenceExpired();

    public Task<IReadOnlyList<StrandedRun>> ListStranded(string? after, int limit) => nodes.ListStranded(after, limit);

    private Task<T> Reached<T>(Func<Task<T>> ask, LeaseRequest request)
    {
        if (IsAway)
            return Task.FromException<T>(new StoreUnavailableException("The database is away."));
        if (IsSilent)
            return new TaskCompletionSource<T>().Task;
        Last = request;
        return ask();
    }
}

/// <summary>The database's clock, which a test can set forward.</summary>
internal sealed class SkewedTime : TimeProvider
{
    public TimeSpan Skew { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Skew;
}
