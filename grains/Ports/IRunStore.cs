using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Grains.Ports;

public enum CreateResult
{
    Unset = 0,

    /// <summary>The row is committed.</summary>
    Created,

    /// <summary>A run with this id exists already, of whatever job. Nothing was written.</summary>
    IdTaken,

    /// <summary>The epoch is no longer the job's: another activation of its grain admits runs now. Nothing was written:
    /// claim an epoch again and decide again.</summary>
    Fenced,

    /// <summary>The same for the account's epoch: another activation gives out its capacity.</summary>
    FencedByAccount,

    /// <summary>The job has a run with this ordinal. Nothing was written.</summary>
    OrdinalTaken,
}

public enum SaveResult
{
    Unset = 0,

    /// <summary>The row is committed, and its version is the saved record's.</summary>
    Saved,

    /// <summary>The row has another version than expected. Nothing was written: load it and decide again.</summary>
    Stale,

    /// <summary>There is no such row.</summary>
    Gone,

    /// <summary>The job's epoch is no longer the given one. Nothing was written.</summary>
    Fenced,

    /// <summary>The account's epoch is no longer the given one. Nothing was written.</summary>
    FencedByAccount,

    /// <summary>The row is as expected, but the job's bookmark is not the one that its new entry was made from. Nothing was
    /// written.</summary>
    BookmarkStale,
}

/// <summary>A run that has ended, as a place in the order in which runs end.</summary>
/// <param name="CompletedOn">When it ended.</param>
/// <param name="Id">Decides between runs that ended at the same time.</param>
/// <param name="Executor">The node that keeps its files. No part of the order.</param>
public sealed record EndedRun(DateTimeOffset CompletedOn, string Id, ExecutorTenure? Executor = null);

/// <summary>The run table. Every verb is one transaction; every write is conditional; acknowledged means on disk.</summary>
/// <remarks>
/// Any verb throws <see cref="StoreUnavailableException"/> when the database could not commit or answer. A write that
/// ended so may have happened. All implementations pass the suite in <c>tests/storage-contract</c>.
/// </remarks>
public interface IRunStore
{
    /// <summary>
    /// Makes the caller the only one that can admit runs of this job, and answers with the epoch to do so under. From
    /// its commit on, every admission under an earlier epoch is fenced; so a roster loaded after it misses none.
    /// </summary>
    Task<long> ClaimEpoch(JobKey job);

    /// <summary>The same for the capacity of an account.</summary>
    Task<long> ClaimAccountEpoch(string account);

    /// <summary>
    /// Inserts a run, unless its id is taken, an epoch is not the current one, or its ordinal in the job is taken; the
    /// answer names the first of these that holds. If it is a successor (<see cref="RunId.IsSuccessor"/>), the debt of its
    /// <c>PreviousRunId</c> is settled with it.
    /// </summary>
    Task<CreateResult> TryCreate(RunRecord run, AdmissionEpochs epochs);

    /// <summary>
    /// Replaces everything about a run that can change (state, ending, times, error …), if its row still has
    /// <paramref name="expectedVersion"/>. <c>run.Version</c> must be one more. Job, id, ordinal, origin and settings are
    /// kept from the row.
    /// </summary>
    /// <param name="run">As it is to be.</param>
    /// <param name="expectedVersion">Of the row.</param>
    /// <param name="admission">For a write that takes a slot: under which epochs. They have to be the current ones.</param>
    /// <param name="bookmark">
    /// Only for a run that becomes SUCCEEDED: what becomes the latest entry of its job's bookmark in the same commit, if
    /// the bookmark's revision is the one before the entry's. Both are written, or neither.
    /// </param>
    Task<SaveResult> SaveIfUnchanged(
        RunRecord run,
        long expectedVersion,
        AdmissionEpochs? admission = null,
        BookmarkEntry? bookmark = null
    );

    /// <summary>The run with this id, or <c>null</c>.</summary>
    Task<RunRecord?> Find(string runId);

    /// <summary>
    /// Up to <paramref name="limit"/> runs of a job in falling order of ordinal, all below <paramref name="before"/>
    /// (<c>null</c>: from the newest on). Reads that many rows, however long the history.
    /// </summary>
    Task<IReadOnlyList<RunRecord>> ListByJob(JobKey job, long? before, int limit);

    /// <summary>What a job has to know to admit runs. Does not grow with its history.</summary>
    Task<JobRoster> LoadRoster(JobKey job);

    /// <summary>What an account's runs hold and how many wait. Does not grow with its history.</summary>
    Task<AccountRoster> LoadAccountRoster(string account);

    /// <summary>The runs that hold a slot and are placed on a node. Their number is bounded by what all nodes can hold.</summary>
    Task<IReadOnlyList<ExecutorHolder>> LoadExecutorRoster();

    /// <summary>Up to <paramref name="limit"/> unfinished runs that are placed on this node, in order of id, after
    /// <paramref name="after"/> (<c>null</c>: from the first on).</summary>
    Task<IReadOnlyList<PlacedRun>> ListByExecutor(string node, string? after, int limit);

    /// <summary>How many runs of the job are WAITING with an ordinal below this one.</summary>
    Task<int> CountWaiting(JobKey job, long below);

    /// <summary>Up to <paramref name="limit"/> jobs, in order of account and name, that come after <paramref name="after"/>
    /// and have a run in WAITING or one whose successor was due at <paramref name="now"/>.</summary>
    Task<IReadOnlyList<JobKey>> ListJobsToTend(JobKey? after, DateTimeOffset now, int limit);

    /// <summary>Up to <paramref name="limit"/> ids of runs that have not ended, in order of id, after
    /// <paramref name="after"/> (<c>null</c>: from the first on).</summary>
    Task<IReadOnlyList<string>> ListUnfinished(string? after, int limit);

    /// <summary>Up to <paramref name="limit"/> ids of unfinished runs that were due at or before
    /// <paramref name="now"/>, the longest overdue first.</summary>
    Task<IReadOnlyList<string>> ListOverdue(DateTimeOffset now, int limit);

    /// <summary>Up to <paramref name="limit"/> runs that ended before <paramref name="instant"/>, the first to end first,
    /// after <paramref name="after"/> (<c>null</c>: from the first on).</summary>
    Task<IReadOnlyList<EndedRun>> ListEndedBefore(DateTimeOffset instant, EndedRun? after, int limit);

    /// <summary>Removes those of these runs that have ended and owe no successor; answers how many that were.</summary>
    /// <remarks>All others wait for it: give a hundred ids at a time, not thousands.</remarks>
    Task<int> Remove(IReadOnlyList<string> runIds);
}
