using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.GrainInterfaces.Jobs;

/// <summary>One job: its definition, the admission of its runs, and its history. The key is a <see cref="JobKey"/>.</summary>
[Alias("IJobGrain")]
public interface IJobGrain : IGrainWithStringKey
{
    /// <summary>Refusals: InvalidInput, AlreadyExists (same settings), IdempotentParameterMismatch (other settings),
    /// ResourceNumberLimitExceeded.</summary>
    /// <param name="settings">As sent.</param>
    /// <param name="tags">Of the job from the beginning.</param>
    /// <param name="profileName">The usage profile to create it under; <c>null</c>: the site's, if it has one.</param>
    [Alias("Create")]
    [ResponseTimeout("00:00:30")] // not to be repeated: given up late
    Task<Outcome<JobDefinition>> Create(
        JobSettings settings,
        IReadOnlyDictionary<string, string> tags,
        string? profileName = null
    );

    /// <summary>Replaces the settings but an absent GlueVersion; tags stay. Refusals: InvalidInput, EntityNotFound.</summary>
    [Alias("Update")]
    Task<Outcome<JobDefinition>> Update(JobSettings settings);

    /// <summary>Adds tags, in place of those with the same keys. Refusals: EntityNotFound, InvalidInput.</summary>
    [Alias("Tag")]
    Task<Outcome<JobDefinition>> Tag(IReadOnlyDictionary<string, string> tags);

    /// <summary>Removes the tags that are there. Refusal: EntityNotFound.</summary>
    [Alias("Untag")]
    Task<Outcome<JobDefinition>> Untag(IReadOnlyList<string> keys);

    /// <summary>Removes the definition and the bookmark; its runs go on and its history stays. Deleting nothing succeeds.</summary>
    [Alias("Delete")]
    Task Delete();

    /// <summary>The definition, or <c>null</c> when there is no such job.</summary>
    [Alias("Find")]
    Task<JobDefinition?> Find();

    /// <summary>
    /// Admits one run and answers with its id once its row is committed.
    /// Refusals: EntityNotFound (also of its usage profile or security configuration), InvalidInput,
    /// ConcurrentRunsExceeded, ResourceNumberLimitExceeded.
    /// </summary>
    [Alias("StartRun")]
    Task<Outcome<string>> StartRun(StartRun request);

    /// <summary>Asks runs to stop; answers for each id, in the order of the request.</summary>
    [Alias("StopRuns")]
    Task<IReadOnlyList<StopRunAnswer>> StopRuns(IReadOnlyList<string> runIds);

    /// <summary>One run of this job, as committed. Refusal: EntityNotFound.</summary>
    [Alias("GetRun")]
    Task<Outcome<RunRecord>> GetRun(string runId);

    /// <summary>
    /// Up to <paramref name="limit"/> runs, newest first, that come after the run with the ordinal
    /// <paramref name="before"/> (<c>null</c>: from the newest on). Refusal: EntityNotFound.
    /// </summary>
    [Alias("ListRuns")]
    Task<Outcome<IReadOnlyList<RunRecord>>> ListRuns(long? before, int limit);

    /// <summary>
    /// The bookmark's latest entry, the newest one of a run, or the newest one with a version; not both of the latter.
    /// Refusals: InvalidInput, EntityNotFound (no such job, no such entry).
    /// </summary>
    [Alias("GetBookmark")]
    Task<Outcome<BookmarkEntry>> GetBookmark(string? runId, int? version);

    /// <summary>
    /// Up to <paramref name="limit"/> entries of the bookmark, newest first, whose revision is below
    /// <paramref name="before"/> (<c>null</c>: from the newest on). Refusal: EntityNotFound (no such job).
    /// </summary>
    [Alias("ListBookmarks")]
    Task<Outcome<IReadOnlyList<BookmarkEntry>>> ListBookmarks(long? before, int limit);

    /// <summary>
    /// Takes the bookmark back to how a run left it, or to nothing (<c>null</c>), and answers with the new entry. Runs that
    /// are going can no longer commit theirs. Refusal: EntityNotFound (no such job, no bookmark, none of that run).
    /// </summary>
    [Alias("ResetBookmark")]
    [ResponseTimeout("00:00:30")] // not to be repeated: given up late
    Task<Outcome<BookmarkEntry>> ResetBookmark(string? runId);

    /// <summary>Tells the job that a run's row holds no slot any more: it has ended, or waits again. A lost call costs
    /// little: before the job refuses a run, and in every sweep, it counts its slots again from the rows.</summary>
    [Alias("SlotFreed")]
    Task SlotFreed(RunStanding run);

    /// <summary>Starts what waits and can start, and the retries and restarts that are due. Idempotent.</summary>
    /// <remarks>Called when capacity of the account is free again, and by the sweep for jobs that have such runs.</remarks>
    [Alias("Tend")]
    Task Tend();

    /// <summary>Makes this job's row in the name index agree with its definition, after a crash between the two.</summary>
    [Alias("SettleIndex")]
    Task SettleIndex();
}

/// <summary>What became of one id of a BatchStopJobRun.</summary>
public enum StopRunResult
{
    Unset = 0,
    Submitted,
    NotFound,
    AlreadyEnded,
}

/// <summary>Where a run stands that holds no slot any more.</summary>
/// <param name="RunId">Which run.</param>
/// <param name="State">WAITING, or a terminal state.</param>
/// <param name="SuccessorDueAt">When the retry or restart is owed that follows it; <c>null</c>: none is.</param>
[GenerateSerializer, Alias("RunStanding"), Immutable]
public sealed record RunStanding(
    [property: Id(0)] string RunId,
    [property: Id(1)] JobRunState State,
    [property: Id(2)] DateTimeOffset? SuccessorDueAt
);

[GenerateSerializer, Alias("StopRunAnswer"), Immutable]
public sealed record StopRunAnswer([property: Id(0)] string RunId, [property: Id(1)] StopRunResult Result);
