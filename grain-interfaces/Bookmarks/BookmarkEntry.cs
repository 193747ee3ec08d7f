using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.GrainInterfaces.Bookmarks;

/// <summary>One update of a job's bookmark: what a successful run had processed, or what a reset made of it.</summary>
/// <remarks>Counters and ids are Glue's and mean what <c>BookmarkLedger</c> (grains) says; the revision is ours.</remarks>
[GenerateSerializer, Alias("BookmarkEntry"), Immutable]
public sealed record BookmarkEntry
{
    /// <summary>Characters of the longest <see cref="State"/>, 1 Mi. A bookmark is a place in the input, not a copy of it.</summary>
    public const int LongestState = 1 << 20;

    [Id(0)]
    public required JobKey Job { get; init; }

    /// <summary>
    /// 1, 2, 3 … for the updates of all bookmarks that a job of this name ever had, resets and deletions included. It never
    /// falls and is never used twice, so an update that was decided on before another one can be told by it. Not shown.
    /// </summary>
    [Id(1)]
    public required long Revision { get; init; }

    /// <summary>Updates since the bookmark was new or reset: 0 for the reset itself.</summary>
    [Id(2)]
    public required int Version { get; init; }

    /// <summary>Successful runs since then.</summary>
    [Id(3)]
    public required int Run { get; init; }

    /// <summary>The attempt of the run: above 0 only when an attempt before it failed.</summary>
    [Id(4)]
    public required int Attempt { get; init; }

    /// <summary>The run whose success wrote the state; <c>null</c> for a reset to nothing.</summary>
    [Id(5)]
    public string? RunId { get; init; }

    /// <summary>The run that had written the state which that run began from.</summary>
    [Id(6)]
    public string? PreviousRunId { get; init; }

    /// <summary>A JSON object: a value for each transformation context. Opaque to everything but the script's library.</summary>
    [Id(7)]
    public required string State { get; init; }
}

/// <summary>What a run that ended well wants its job's bookmark to become.</summary>
/// <param name="Revision">The bookmark's when the run read it. It is only replaced if it still is this.</param>
/// <param name="Version">As <see cref="BookmarkEntry.Version"/>, of that moment: for the message, if it is not.</param>
/// <param name="State">As <see cref="BookmarkEntry.State"/>.</param>
[GenerateSerializer, Alias("BookmarkCommit"), Immutable]
public sealed record BookmarkCommit(
    [property: Id(0)] long Revision,
    [property: Id(1)] int Version,
    [property: Id(2)] string State
);
