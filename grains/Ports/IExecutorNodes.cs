using GlueOrleans.GrainInterfaces.Executors;

namespace GlueOrleans.Grains.Ports;

/// <summary>What a node says of itself with each request for its lease.</summary>
/// <param name="Node">Its name, unique in the cluster.</param>
/// <param name="Folder">Identifies its data folder, and so the processes it may have left: who comes with the same one
/// is the node's next process.</param>
/// <param name="Holder">Identifies the process that holds the lease.</param>
/// <param name="IsAccepting">Whether runs may be placed on it.</param>
/// <param name="MaxRuns">Runs at a time; 0: any number.</param>
/// <param name="Dpus">DPUs at a time; 0: any number.</param>
/// <param name="Lasts">How long the lease is to last, from the moment the database writes it.</param>
public sealed record LeaseRequest(
    string Node,
    string Folder,
    string Holder,
    bool IsAccepting,
    int MaxRuns,
    double Dpus,
    TimeSpan Lasts
);

/// <summary>What became of asking for a lease.</summary>
/// <param name="Tenure">It is held under this; <c>null</c>: another machine has the name.</param>
/// <param name="IsContinued">The node's earlier process held it until now: what it launched is the node's still.</param>
/// <param name="TakenFor">How long the other machine's lease lasts, unless it renews it.</param>
public sealed record LeaseAnswer(ExecutorTenure? Tenure, bool IsContinued = false, TimeSpan TakenFor = default);

/// <summary>A node whose lease has not run out.</summary>
/// <param name="Tenure">Its name and epoch.</param>
/// <param name="IsAccepting">Whether runs may be placed on it.</param>
/// <param name="MaxRuns">Runs at a time; 0: any number.</param>
/// <param name="Dpus">DPUs at a time; 0: any number.</param>
public sealed record ExecutorNode(ExecutorTenure Tenure, bool IsAccepting, int MaxRuns, double Dpus);

/// <summary>A run that has not ended and whose node was declared lost.</summary>
public sealed record StrandedRun(string Id, ExecutorTenure Executor);

/// <summary>
/// The leases of executor nodes. They are judged by the store's clock alone. While a lease lasts, nobody else is given the
/// node's runs; a node that could not renew it ends its processes before it has run out.
/// </summary>
/// <remarks>Throws <see cref="GrainInterfaces.StoreUnavailableException"/> as <see cref="IRunStore"/> does.</remarks>
public interface IExecutorNodes
{
    /// <summary>
    /// Takes the lease of a node: under the same epoch while the last one has not run out and was the same data folder's;
    /// under the next epoch when it has run out or was declared lost; not at all while another folder's lasts.
    /// </summary>
    /// <remarks>Who held it before can no longer renew it.</remarks>
    Task<LeaseAnswer> Acquire(LeaseRequest request);

    /// <summary>Makes the lease last from now on. False: it has run out, was declared lost, or is another process's.</summary>
    Task<bool> Renew(ExecutorTenure tenure, LeaseRequest request);

    /// <summary>The nodes whose leases have not run out, in order of name.</summary>
    Task<IReadOnlyList<ExecutorNode>> ListLive();

    /// <summary>Declares lost all nodes whose leases have run out: raises their epochs, so that none can renew. Answers what
    /// was declared lost by this call.</summary>
    Task<IReadOnlyList<ExecutorTenure>> FenceExpired();

    /// <summary>Up to <paramref name="limit"/> unfinished runs placed on a node under an epoch that is no longer its own, in
    /// order of id, after <paramref name="after"/> (<c>null</c>: from the first on).</summary>
    Task<IReadOnlyList<StrandedRun>> ListStranded(string? after, int limit);
}

/// <summary>Which silo does the work that one of them does for all.</summary>
public interface IUpkeepLease
{
    /// <summary>True: this holder has it, for so long from now on, unless it asks again. By the store's clock.</summary>
    /// <param name="holder">Identifies the process that asks.</param>
    /// <param name="lasts">At least 0, which gives up what it may hold.</param>
    Task<bool> TryHold(string holder, TimeSpan lasts);
}
