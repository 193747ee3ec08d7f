using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Grains.Ports;

/// <summary>What a job grain needs to know of the run table to admit runs. Its size is bounded by the account's limits.</summary>
/// <param name="LastOrdinal">The highest ordinal in the job's history; 0 when there is none.</param>
/// <param name="SlotHolders">The ids of the runs that hold a slot.</param>
/// <param name="Waiting">The runs in WAITING, first come first.</param>
/// <param name="Owed">The runs that a retry or a restart is owed after, the earliest due first.</param>
public sealed record JobRoster(
    long LastOrdinal,
    IReadOnlyList<string> SlotHolders,
    IReadOnlyList<WaitingRun> Waiting,
    IReadOnlyList<OwedRun> Owed
);

/// <param name="Id">Of the run.</param>
/// <param name="Ordinal">Its place in the job's history, and so in the queue.</param>
/// <param name="Dpus">What it will hold.</param>
/// <param name="IsFlex">Whether it waits for spare capacity.</param>
/// <param name="Since">When it was accepted.</param>
/// <param name="StateDetail">What it is said to wait for.</param>
public sealed record WaitingRun(
    string Id,
    long Ordinal,
    double Dpus,
    bool IsFlex,
    DateTimeOffset Since,
    string? StateDetail
);

/// <param name="PreviousRunId">The run that has ended.</param>
/// <param name="DueAt">When its successor is due.</param>
public sealed record OwedRun(string PreviousRunId, DateTimeOffset DueAt);

/// <summary>What an account's runs hold, and which of them wait. Its size is bounded by the account's limits.</summary>
public sealed record AccountRoster(IReadOnlyList<CapacityHolder> Holders, IReadOnlyList<string> Waiting);

/// <summary>A run that holds a slot, and the DPUs that go with it.</summary>
public sealed record CapacityHolder(string RunId, double Dpus, bool IsFlex);

/// <summary>A run that holds a slot, where, and the DPUs that go with it.</summary>
public sealed record ExecutorHolder(string RunId, ExecutorTenure Executor, double Dpus);

/// <summary>A run that has not ended and is placed on a node, under this epoch.</summary>
public sealed record PlacedRun(string Id, JobRunState State, ExecutorTenure Executor);
