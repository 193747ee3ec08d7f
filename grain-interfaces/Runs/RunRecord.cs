using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.GrainInterfaces.Runs;

/// <summary>One row of the run table: everything that has to survive about one job run.</summary>
/// <remarks>All instants are truncated to whole milliseconds, UTC: the precision of the row and of the API.</remarks>
[GenerateSerializer, Alias("RunRecord"), Immutable]
public sealed record RunRecord
{
    [Id(0)]
    public required JobKey Job { get; init; }

    [Id(1)]
    public required string Id { get; init; }

    /// <summary>
    /// The run's place in its job's history: 1, 2, 3 … in order of admission. Unique in the job. A gap is a run whose
    /// creation failed.
    /// </summary>
    [Id(2)]
    public required long Ordinal { get; init; }

    /// <summary>1 for the row as created, one more with every save: what a conditional save compares.</summary>
    [Id(3)]
    public required long Version { get; init; }

    [Id(4)]
    public required JobRunState State { get; init; }

    /// <summary>In STOPPING: the terminal state the run will have when its process is gone. Otherwise <c>null</c>.</summary>
    [Id(5)]
    public JobRunState? EndsAs { get; init; }

    /// <summary>0 for the first attempt, N for the N-th automatic retry.</summary>
    [Id(6)]
    public int Attempt { get; init; }

    [Id(7)]
    public string? PreviousRunId { get; init; }

    /// <summary>When the run was accepted, not when its script began.</summary>
    [Id(8)]
    public required DateTimeOffset StartedOn { get; init; }

    /// <summary>When the script began; <c>null</c> until then. Execution time and timeout count from here.</summary>
    [Id(9)]
    public DateTimeOffset? RunningSince { get; init; }

    /// <summary>When the state last changed. Not a heartbeat.</summary>
    [Id(10)]
    public required DateTimeOffset LastModifiedOn { get; init; }

    /// <summary>Set exactly in the terminal states.</summary>
    [Id(11)]
    public DateTimeOffset? CompletedOn { get; init; }

    /// <summary>
    /// When something is to be done about the run next: the deadline of its state or the notice that it is late, whichever
    /// comes first; <c>null</c>: nothing. The sweep over overdue rows reads it.
    /// </summary>
    [Id(12)]
    public DateTimeOffset? DueAt { get; init; }

    [Id(13)]
    public string? ErrorMessage { get; init; }

    [Id(14)]
    public required RunSettings Settings { get; init; }

    /// <summary>The trigger that started the run; <c>null</c> for a run that a client started.</summary>
    [Id(15)]
    public string? TriggerName { get; init; }

    /// <summary>In WAITING: which limit the run waits for, in a sentence. Otherwise <c>null</c>.</summary>
    [Id(16)]
    public string? StateDetail { get; init; }

    /// <summary>The deadline of the current state; <c>null</c> when it has none.</summary>
    [Id(17)]
    public DateTimeOffset? DeadlineAt { get; init; }

    /// <summary>The last state in which it was announced that the run is late, so that each is announced once.</summary>
    [Id(18)]
    public JobRunState? DelayNotifiedIn { get; init; }

    /// <summary>In a terminal state: when the run that follows by itself (a retry, a restart) is owed. <c>null</c>: none is,
    /// or it exists already.</summary>
    [Id(19)]
    public DateTimeOffset? SuccessorDueAt { get; init; }

    /// <summary>The node that the run was placed on, and still is when it has ended: its output is there. <c>null</c> in
    /// WAITING, and for runs that never held a slot.</summary>
    [Id(20)]
    public ExecutorTenure? Executor { get; init; }
}
