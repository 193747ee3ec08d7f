using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.GrainInterfaces.Accounts;

/// <summary>What the runs of one account may use together: concurrent runs, DPUs, places in the queue. The key is the
/// account.</summary>
/// <remarks>Only a job's grain asks, for its own runs. All verbs are idempotent per run.</remarks>
[Alias("ICapacityGrain")]
public interface ICapacityGrain : IGrainWithStringKey
{
    /// <summary>Reserves what a run needs, or says what is in the way. A reservation holds until it is released.</summary>
    [Alias("Ask")]
    Task<CapacityAnswer> Ask(CapacityRequest request);

    /// <summary>The runs hold nothing and wait for nothing any more: they have ended, or never came to be.</summary>
    [Alias("Release")]
    Task Release(IReadOnlyList<string> runIds);

    /// <summary>The job can start nothing now, being at its own limit: its runs keep no other job's waiting until it asks for
    /// them again. Their places in the queue stay.</summary>
    [Alias("Decline")]
    Task Decline(JobKey job);

    /// <summary>An admission under this epoch was refused. If it is the one in use, the next answer comes under a new one.</summary>
    [Alias("WasFenced")]
    Task WasFenced(long epoch);

    /// <summary>There is room on executor nodes again, for as many runs of the size that was asked for last.</summary>
    [Alias("ExecutorsHaveRoom")]
    Task ExecutorsHaveRoom(int runs);
}

/// <summary>What a job wants for a run.</summary>
public enum CapacityPurpose
{
    Unset = 0,

    /// <summary>To start it now or not at all.</summary>
    Start,

    /// <summary>To start it now, or else to have it queued in WAITING.</summary>
    StartOrQueue,

    /// <summary>A place in the queue: its own job has no slot for it.</summary>
    Queue,

    /// <summary>To start a run that waits already, or a retry that is due, or else to be told when there is room. Needs no
    /// new place in the queue.</summary>
    StartWhenPossible,
}

/// <param name="RunId">For which run.</param>
/// <param name="Job">Of which job: it is called when there is room.</param>
/// <param name="Purpose">What for.</param>
/// <param name="Dpus">What the run holds while it holds a slot.</param>
/// <param name="IsFlex">FLEX runs have a pool of DPUs of their own.</param>
/// <param name="Since">When the run was accepted: who has waited longest comes first.</param>
/// <param name="Next">The run of the same job and kind that asks as soon as this one is granted: no other job's that has
/// waited less is to come between. <c>null</c>: none.</param>
[GenerateSerializer, Alias("CapacityRequest"), Immutable]
public sealed record CapacityRequest(
    [property: Id(0)] string RunId,
    [property: Id(1)] JobKey Job,
    [property: Id(2)] CapacityPurpose Purpose,
    [property: Id(3)] double Dpus,
    [property: Id(4)] bool IsFlex,
    [property: Id(5)] DateTimeOffset Since,
    [property: Id(6)] PlaceNext? Next = null
);

public enum CapacityResult
{
    Unset = 0,

    /// <summary>What the run needs is reserved for it, under the answer's epoch.</summary>
    Granted,

    /// <summary>There is no room now. A place in the queue is reserved if one was asked for.</summary>
    Wait,

    /// <summary>There is no room, and no waiting for it.</summary>
    Refused,
}

/// <summary>The limits of an account that runs come up against.</summary>
public enum CapacityLimit
{
    None = 0,
    ConcurrentRuns,
    TaskDpus,
    FlexDpus,
    QueuedRuns,

    /// <summary>Not the account's: no executor node has room.</summary>
    Executors,
}

/// <param name="Result">Yes, later or no.</param>
/// <param name="Epoch">The account's epoch, under which the run's row is to be written.</param>
/// <param name="Limit">What is in the way; <c>None</c> when granted.</param>
/// <param name="LimitValue">Its value: runs or DPUs; of executors, how many take runs.</param>
/// <param name="Executor">When granted: the node that the run is placed on.</param>
[GenerateSerializer, Alias("CapacityAnswer"), Immutable]
public sealed record CapacityAnswer(
    [property: Id(0)] CapacityResult Result,
    [property: Id(1)] long Epoch,
    [property: Id(2)] CapacityLimit Limit = CapacityLimit.None,
    [property: Id(3)] int LimitValue = 0,
    [property: Id(4)] ExecutorTenure? Executor = null
);
