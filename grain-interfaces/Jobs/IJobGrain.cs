using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.GrainInterfaces.Jobs;

/// <summary>One job: its definition, the admission of its runs, and its history. The key is a <see cref="JobKey"/>.</summary>
[Alias("IJobGrain")]
public interface IJobGrain : IGrainWithStringKey
{
    /// <summary>Refusals: InvalidInput, AlreadyExists (same settings), IdempotentParameterMismatch (other settings).</summary>
    [Alias("Create")]
    Task<Outcome<JobDefinition>> Create(JobSettings settings, IReadOnlyDictionary<string, string> tags);

    /// <summary>Replaces the whole definition but an absent GlueVersion. Refusals: InvalidInput, EntityNotFound.</summary>
    [Alias("Update")]
    Task<Outcome<JobDefinition>> Update(JobSettings settings);

    /// <summary>Removes the definition; its runs go on and its history stays. Deleting nothing succeeds.</summary>
    [Alias("Delete")]
    Task Delete();

    /// <summary>The definition, or <c>null</c> when there is no such job.</summary>
    [Alias("Find")]
    Task<JobDefinition?> Find();

    /// <summary>
    /// Admits one run and answers with its id once its row is committed.
    /// Refusals: EntityNotFound, InvalidInput, ConcurrentRunsExceeded.
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

    /// <summary>Tells the job that a run's row reads terminal, so that its slot is free. A lost call costs nothing:
    /// before the job refuses a run it counts its slots again from the rows.</summary>
    [Alias("RunEnded")]
    Task RunEnded(string runId);

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

[GenerateSerializer, Alias("StopRunAnswer"), Immutable]
public sealed record StopRunAnswer([property: Id(0)] string RunId, [property: Id(1)] StopRunResult Result);
