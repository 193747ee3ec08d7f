using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Grains.Runs;

/// <summary>A run that has no row yet: who it is, and the four ways in which it can begin.</summary>
/// <param name="Job">Whose run.</param>
/// <param name="Id">Its id.</param>
/// <param name="Settings">What it is started with.</param>
/// <param name="PreviousRunId">The run that it follows or retries.</param>
/// <param name="Attempt">0, or N for the N-th automatic retry.</param>
/// <param name="TriggerName">The trigger that starts it.</param>
public sealed record NewRun(
    JobKey Job,
    string Id,
    RunSettings Settings,
    string? PreviousRunId = null,
    int Attempt = 0,
    string? TriggerName = null
)
{
    /// <summary>The retry or restart that follows a run by itself. It is started with the same settings.</summary>
    public static NewRun After(RunRecord run)
    {
        var isRetry = run.State == JobRunState.Failed;
        return new NewRun(
            run.Job,
            isRetry ? RunId.NextAttempt(run) : RunId.NextRestart(run),
            run.Settings,
            run.Id,
            isRetry ? run.Attempt + 1 : run.Attempt,
            run.TriggerName
        );
    }

    public RunRecord Starting(long ordinal, ExecutorTenure? executor, DateTimeOffset now, RunDeadlines deadlines) =>
        RunLifecycle.WithDue(
            Row(ordinal, JobRunState.Starting, now) with
            {
                Executor = executor,
                DeadlineAt = now + deadlines.LaunchDeadline,
            }
        );

    public RunRecord Waiting(long ordinal, string stateDetail, DateTimeOffset now, RunDeadlines deadlines)
    {
        var row = Row(ordinal, JobRunState.Waiting, now) with { StateDetail = stateDetail };
        return RunLifecycle.WithDue(row with { DeadlineAt = RunLifecycle.WaitsUntil(row, deadlines) });
    }

    /// <summary>Ended before it began: the record of what a trigger wanted in vain.</summary>
    public RunRecord Ended(long ordinal, JobRunState state, string errorMessage, DateTimeOffset now) =>
        Row(ordinal, state, now) with
        {
            CompletedOn = now,
            ErrorMessage = errorMessage,
        };

    private RunRecord Row(long ordinal, JobRunState state, DateTimeOffset now) =>
        new()
        {
            Job = Job,
            Id = Id,
            Ordinal = ordinal,
            Version = 1,
            State = state,
            Attempt = Attempt,
            PreviousRunId = PreviousRunId,
            TriggerName = TriggerName,
            StartedOn = now,
            LastModifiedOn = now,
            Settings = Settings,
        };
}
