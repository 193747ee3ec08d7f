using GlueOrleans.GrainInterfaces.Runs;
using static GlueOrleans.GrainInterfaces.Runs.JobRunState;

namespace GlueOrleans.Grains.Runs;

/// <summary>
/// Every move a run can make, as one pure function: the run, what happened and the time in; a decision out. The grain
/// stores what it says and only then acts. Nothing else assigns a state.
/// </summary>
/// <remarks>
/// Three rules hold in every row. Each state that is not terminal has a deadline that ends it, but for a streaming run
/// without a Timeout, which Glue lets run on. A run that holds a slot keeps it until its process is gone, so it ends
/// through STOPPING whenever a process may exist. A terminal run never moves again.
/// </remarks>
public static class RunLifecycle
{
    public static RunDecision Decide(RunRecord run, RunEvent happened, DateTimeOffset now, RunDeadlines deadlines)
    {
        if (run.State.IsTerminal())
        {
            return happened is RunEvent.StopRequested
                ? new RunDecision.Refused($"The run has ended: {run.State.ToGlueName()}.")
                : new RunDecision.Ignored($"the run has ended: {run.State.ToGlueName()}");
        }

        if (happened is RunEvent.DeadlinePassed passed && (passed.State, passed.DueAt) != (run.State, run.DueAt))
            return new RunDecision.Ignored(
                $"the deadline was armed for {passed.State.ToGlueName()} at {passed.DueAt:O}"
            );

        return (run.State, happened) switch
        {
            // A node that was down may come back after the launch deadline: the launch it owes is still wanted.
            (Starting, RunEvent.TakenUp) when run.DueAt <= now => LaunchAgain(run, now, deadlines),
            (Starting, RunEvent.Launched launched) => BeginRunning(run, launched.At),
            (Starting, RunEvent.LaunchFailed failed) => End(run, Failed, failed.At, failed.ErrorMessage),
            (Starting, RunEvent.DeadlinePassed) => BeginStopping(run, Failed, NotLaunched(deadlines), now, deadlines),
            (Running, RunEvent.DeadlinePassed) => BeginStopping(
                run,
                JobRunState.Timeout,
                TimedOut(run),
                now,
                deadlines
            ),
            (Starting or Running, RunEvent.StopRequested) => BeginStopping(run, Stopped, null, now, deadlines),
            (Starting or Running, RunEvent.Exited exited) => EndByExit(run, exited),

            // It ended by itself before the stop reached it.
            (Stopping, RunEvent.Exited { AfterStop: false, ExitCode: >= 0 } exited) => EndByExit(run, exited),
            (Stopping, RunEvent.Exited exited) => EndedAsRemembered(run, exited.At),
            (Stopping, RunEvent.LaunchFailed failed) => EndedAsRemembered(run, failed.At),
            (Stopping, RunEvent.DeadlinePassed) => EndedAsRemembered(run, now),

            _ => new RunDecision.Ignored($"{happened.GetType().Name} means nothing in {run.State.ToGlueName()}"),
        };
    }

    /// <summary>What a run in this state still wants done. Whoever finds a run after a crash performs it, so an effect that
    /// was lost between the commit and the act is made up for.</summary>
    public static IReadOnlyList<RunEffect> EffectsOwed(RunRecord run) =>
        run.State switch
        {
            Starting => [RunEffect.Launch],
            Running => [RunEffect.Resume],
            Stopping => [RunEffect.StopProcess],
            _ => [],
        };

    private static RunDecision.Moved LaunchAgain(RunRecord run, DateTimeOffset now, RunDeadlines deadlines) =>
        new(run with { Version = run.Version + 1, DueAt = now + deadlines.LaunchDeadline }, [RunEffect.Launch]);

    private static RunDecision.Moved BeginRunning(RunRecord run, DateTimeOffset at) =>
        new(
            run with
            {
                Version = run.Version + 1,
                State = Running,
                RunningSince = at,
                LastModifiedOn = Later(at, run.LastModifiedOn),
                DueAt = run.Settings.Timeout is { } minutes ? at + TimeSpan.FromMinutes(minutes) : null,
            },
            []
        );

    private static RunDecision.Moved BeginStopping(
        RunRecord run,
        JobRunState endsAs,
        string? errorMessage,
        DateTimeOffset now,
        RunDeadlines deadlines
    ) =>
        new(
            run with
            {
                Version = run.Version + 1,
                State = Stopping,
                EndsAs = endsAs,
                ErrorMessage = errorMessage,
                LastModifiedOn = Later(now, run.LastModifiedOn),
                DueAt = now + deadlines.StopDeadline,
            },
            [RunEffect.StopProcess]
        );

    private static RunDecision.Moved EndByExit(RunRecord run, RunEvent.Exited exited) =>
        exited.ExitCode == 0
            ? End(run, Succeeded, exited.At, null)
            : End(run, Failed, exited.At, exited.ErrorMessage ?? $"Command failed with exit code {exited.ExitCode}");

    // Glue leaves ErrorMessage out of a stopped run; Prefect reads it without a default and breaks, so there is always one.
    private static RunDecision.Moved EndedAsRemembered(RunRecord run, DateTimeOffset at) =>
        End(run, run.EndsAs!.Value, at, run.ErrorMessage ?? "Job run stopped");

    private static RunDecision.Moved End(RunRecord run, JobRunState state, DateTimeOffset at, string? errorMessage)
    {
        var completedOn = Later(at, run.LastModifiedOn);
        return new RunDecision.Moved(
            run with
            {
                Version = run.Version + 1,
                State = state,
                EndsAs = null,
                ErrorMessage = errorMessage,
                LastModifiedOn = completedOn,
                CompletedOn = completedOn,
                DueAt = null,
            },
            [RunEffect.ReleaseSlot]
        );
    }

    private static string NotLaunched(RunDeadlines deadlines) =>
        $"The run did not start within {deadlines.LaunchDeadline.TotalSeconds:0} seconds (Runs:LaunchDeadline).";

    private static string TimedOut(RunRecord run) =>
        $"Job run timed out after {run.Settings.Timeout} minute{(run.Settings.Timeout == 1 ? "" : "s")}";

    // An executor's clock may stand a little behind; a run never completes before it was last modified.
    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
