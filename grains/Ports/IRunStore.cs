using GlueOrleans.GrainInterfaces;
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
}

/// <summary>What a job grain needs to know of the run table to admit runs.</summary>
/// <param name="LastOrdinal">The highest ordinal in the job's history; 0 when there is none.</param>
/// <param name="SlotHolders">The ids of the runs that hold a slot.</param>
public sealed record JobRoster(long LastOrdinal, IReadOnlyList<string> SlotHolders);

/// <summary>The run table. Every verb is one statement; every write is conditional; acknowledged means on disk.</summary>
/// <remarks>
/// Any verb throws <see cref="StoreUnavailableException"/> when the database could not commit or answer. A write that
/// ended so may have happened. All implementations pass the suite in <c>tests/storage-contract</c>.
/// </remarks>
public interface IRunStore
{
    /// <summary>
    /// Makes the caller the only one that can create runs of this job, and answers with the epoch to do so under. From
    /// its commit on, every creation under an earlier epoch is fenced; so a roster loaded after it misses none.
    /// </summary>
    Task<long> ClaimEpoch(JobKey job);

    /// <summary>
    /// Inserts a run, unless its id is taken, <paramref name="epoch"/> is not the job's current one (0: none was ever
    /// claimed), or its ordinal in the job is taken; the answer names the first of these that holds.
    /// </summary>
    Task<CreateResult> TryCreate(RunRecord run, long epoch);

    /// <summary>
    /// Replaces everything about a run that can change (state, ending, times, error), if its row still has
    /// <paramref name="expectedVersion"/>. <c>run.Version</c> must be one more. Job, id, ordinal and settings are kept
    /// from the row.
    /// </summary>
    Task<SaveResult> SaveIfUnchanged(RunRecord run, long expectedVersion);

    /// <summary>The run with this id, or <c>null</c>.</summary>
    Task<RunRecord?> Find(string runId);

    /// <summary>
    /// Up to <paramref name="limit"/> runs of a job in falling order of ordinal, all below <paramref name="before"/>
    /// (<c>null</c>: from the newest on). Reads that many rows, however long the history.
    /// </summary>
    Task<IReadOnlyList<RunRecord>> ListByJob(JobKey job, long? before, int limit);

    /// <summary>The job's last ordinal and the runs that hold its slots. Does not grow with its history.</summary>
    Task<JobRoster> LoadRoster(JobKey job);

    /// <summary>Up to <paramref name="limit"/> ids of runs that have not ended, in order of id, after
    /// <paramref name="after"/> (<c>null</c>: from the first on).</summary>
    Task<IReadOnlyList<string>> ListUnfinished(string? after, int limit);

    /// <summary>Up to <paramref name="limit"/> ids of unfinished runs whose deadline is at or before
    /// <paramref name="now"/>, the longest overdue first.</summary>
    Task<IReadOnlyList<string>> ListOverdue(DateTimeOffset now, int limit);
}
