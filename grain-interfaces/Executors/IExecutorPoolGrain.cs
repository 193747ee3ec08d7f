namespace GlueOrleans.GrainInterfaces.Executors;

/// <summary>Says on which executor node a run is placed. One for the whole cluster; its key is <see cref="Key"/>.</summary>
/// <remarks>
/// Only accounts ask, for runs that their own limits allow. What it answers is a promise in memory: the run's row makes it a
/// fact, and the node itself has the last word (<see cref="Runs.RunReport.NoRoom"/>). All verbs are idempotent per run.
/// </remarks>
[Alias("IExecutorPoolGrain")]
public interface IExecutorPoolGrain : IGrainWithStringKey
{
    const string Key = "executors";

    /// <summary>Reserves room for a run on a node, or says why there is none.</summary>
    [Alias("Place")]
    Task<PlaceAnswer> Place(PlaceRequest request);

    /// <summary>The runs need no room any more, nor wait for it: they have ended, or never came to be, or cannot start now.</summary>
    [Alias("Release")]
    Task Release(IReadOnlyList<string> runIds);
}

/// <param name="RunId">For which run.</param>
/// <param name="Account">Whose: it is called when there is room again.</param>
/// <param name="Dpus">What the run holds.</param>
/// <param name="Since">When the run was accepted: the account that has waited longest is called first.</param>
/// <param name="MayWait">Whether the account is to be called.</param>
/// <param name="Next">Who of the same account comes next, if this one gets its place: nobody of another account who has
/// waited less is to come between. <c>null</c>: nobody.</param>
[GenerateSerializer, Alias("PlaceRequest"), Immutable]
public sealed record PlaceRequest(
    [property: Id(0)] string RunId,
    [property: Id(1)] string Account,
    [property: Id(2)] double Dpus,
    [property: Id(3)] DateTimeOffset Since,
    [property: Id(4)] bool MayWait,
    [property: Id(5)] PlaceNext? Next = null
);

/// <summary>A run that will ask for a place in a moment.</summary>
[GenerateSerializer, Alias("PlaceNext"), Immutable]
public sealed record PlaceNext(
    [property: Id(0)] string RunId,
    [property: Id(1)] double Dpus,
    [property: Id(2)] DateTimeOffset Since
);

/// <summary>Where the run goes; <c>null</c>: nowhere now.</summary>
/// <param name="Executor">The node, with the epoch to run under.</param>
/// <param name="IsTooLarge">No node is large enough for it, even when idle.</param>
/// <param name="Nodes">How many nodes take runs.</param>
[GenerateSerializer, Alias("PlaceAnswer"), Immutable]
public sealed record PlaceAnswer(
    [property: Id(0)] ExecutorTenure? Executor,
    [property: Id(1)] bool IsTooLarge = false,
    [property: Id(2)] int Nodes = 0
);
