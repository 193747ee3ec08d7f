using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using static GlueOrleans.GrainInterfaces.Runs.JobRunState;

namespace GlueOrleans.Grains.Runs;

/// <summary>
/// Every move a run can make, as one pure function: the run, what happened and the time in; a decision out. The grain
/// stores what it says and only then acts. Nothing else assigns a state.
/// </summary>
/// <remarks>
/// Three rules hold in every row. Each state that ought to end has a deadline that ends it, or has it ended; only a queued run, and a
/// streaming one that is younger than a week, may go on without. A run that holds a slot keeps it until its process is
/// gone, so it ends through STOPPING whenever a process may exist. A terminal run never moves again.
/// The whole table: docs/run-lifecycle.md.
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

        if (happened is RunEvent.DeadlinePassed passed)
        {
            if ((passed.State, passed.DueAt) != (run.State, run.DueAt))
                return new RunDecision.Ignored($"{passed.State.ToGlueName()} was due at {passed.DueAt:O}");
            // Two things may be due; the deadline of the state is the one that decides.
            if (run.DeadlineAt is null || run.DeadlineAt > now)
            {
                return DelayIsAnnouncedAt(run) <= now
                    ? AnnounceDelay(run)
                    : new RunDecision.Ignored($"nothing is due before {run.DueAt:O}");
            }
        }

        return (run.State, happened) switch
        {
            (Waiting, RunEvent.Admitted admitted) => BeginStarting(run, admitted.Executor, now, deadlines),
            (Waiting, RunEvent.StillWaiting still) => Note(run, still.StateDetail),
            (Waiting, RunEvent.StopRequested) => End(run, Stopped, now, StoppedMessage, deadlines),
            (Waiting, RunEvent.DeadlinePassed) => End(run, Failed, now, NeverAdmitted(run), deadlines),

            // A node that was down may come back after the launch deadline: the launch it owes is still wanted.
            (Starting, RunEvent.TakenUp) when run.DeadlineAt <= now => LaunchAgain(run, now, deadlines),
            (Starting, RunEvent.NoRoom noRoom) when noRoom.Version == run.Version => WaitAgain(
                run,
                noRoom.Limit,
                now,
                deadlines
            ),
            (Starting, RunEvent.Launched launched) => BeginRunning(run, launched.At, now),
            (Starting, RunEvent.LaunchFailed failed) => End(run, Failed, failed.At, failed.ErrorMessage, deadlines),
            (Starting, RunEvent.DeadlinePassed) => BeginStopping(run, Failed, NotLaunched(deadlines), now, deadlines),
            (Running, RunEvent.DeadlinePassed) => EndRunning(run, now, deadlines),
            (Starting or Running, RunEvent.StopRequested) => BeginStopping(run, Stopped, null, now, deadlines),
            (Starting or Running, RunEvent.Exited exited) => EndByExit(run, exited, deadlines),

            (_, RunEvent.ExecutorLost lost) when lost.Executor != run.Executor => new RunDecision.Ignored(
                $"the run is not placed on {lost.Executor}"
            ),
            (Starting or Running, RunEvent.ExecutorLost) => End(run, Failed, now, LostWith(run), deadlines),
            (Stopping, RunEvent.ExecutorLost) => EndedAsRemembered(run, now, deadlines),

            // It ended by itself before the stop reached it.
            (Stopping, RunEvent.Exited { AfterStop: false, ExitCode: >= 0 } exited) => EndByExit(
                run,
                exited,
                deadlines
            ),
            (Stopping, RunEvent.Exited exited) => EndedAsRemembered(run, exited.At, deadlines),
            (Stopping, RunEvent.LaunchFailed failed) => EndedAsRemembered(run, failed.At, deadlines),
            // Whoever stops a run that is being restarted, or would be retried, does not want that.
            (Stopping, RunEvent.StopRequested) when run.EndsAs is Expired or Failed => BeginStopping(
                run,
                Stopped,
                null,
                now,
                deadlines
            ),
            (Stopping, RunEvent.DeadlinePassed) when IsDraining(run) => BeginStopping(
                run,
                Expired,
                run.ErrorMessage,
                now,
                deadlines
            ),
            // Its node is only away, or cannot end the process yet. A leased node answers in the end, or is declared lost.
            (Stopping, RunEvent.DeadlinePassed) when run.Executor is { IsLeased: true } => StopAgain(
                run,
                now,
                deadlines
            ),
            (Stopping, RunEvent.DeadlinePassed) => EndedAsRemembered(run, now, deadlines),

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
            Stopping => [IsDraining(run) ? RunEffect.DrainProcess : RunEffect.StopProcess],
            Waiting => [],
            _ => [RunEffect.ReleaseSlot],
        };

    /// <summary>The instant at which a run that waits is given up; <c>null</c>: it may wait for ever.</summary>
    public static DateTimeOffset? WaitsUntil(RunRecord run, RunDeadlines deadlines) =>
        run.Settings.IsFlex ? run.StartedOn + deadlines.FlexDeadline
        : deadlines.QueueDeadline > TimeSpan.Zero ? run.StartedOn + deadlines.QueueDeadline
        : null;

    /// <summary>The row with <c>DueAt</c> as its state, its deadline and its delay notice want it.</summary>
    public static RunRecord WithDue(RunRecord run)
    {
        var announceAt = DelayIsAnnouncedAt(run);
        return run with { DueAt = announceAt is null || run.DeadlineAt <= announceAt ? run.DeadlineAt : announceAt };
    }

    private static RunDecision.Moved BeginStarting(
        RunRecord run,
        ExecutorTenure executor,
        DateTimeOffset now,
        RunDeadlines deadlines
    ) =>
        Move(
            run with
            {
                State = Starting,
                Executor = executor,
                StateDetail = null,
                LastModifiedOn = Later(now, run.LastModifiedOn),
                DeadlineAt = now + deadlines.LaunchDeadline,
            },
            RunEffect.Launch
        );

    private static RunDecision Note(RunRecord run, string stateDetail) =>
        run.StateDetail == stateDetail
            ? new RunDecision.Ignored("it is known what the run waits for")
            : Move(run with { StateDetail = stateDetail });

    private static RunDecision.Moved WaitAgain(
        RunRecord run,
        string limit,
        DateTimeOffset now,
        RunDeadlines deadlines
    ) =>
        Move(
            run with
            {
                State = Waiting,
                Executor = null,
                StateDetail = limit,
                LastModifiedOn = Later(now, run.LastModifiedOn),
                DeadlineAt = WaitsUntil(run, deadlines),
            },
            RunEffect.ReleaseSlot
        );

    private static RunDecision.Moved LaunchAgain(RunRecord run, DateTimeOffset now, RunDeadlines deadlines) =>
        Move(run with { DeadlineAt = now + deadlines.LaunchDeadline }, RunEffect.Launch);

    private static RunDecision.Moved StopAgain(RunRecord run, DateTimeOffset now, RunDeadlines deadlines) =>
        Move(run with { DeadlineAt = now + deadlines.StopDeadline }, RunEffect.StopProcess);

    private static RunDecision.Moved BeginRunning(RunRecord run, DateTimeOffset at, DateTimeOffset now) =>
        Move(
            run with
            {
                State = Running,
                RunningSince = at,
                LastModifiedOn = Later(at, run.LastModifiedOn),
                DeadlineAt = run.Settings.Timeout is { } minutes
                    ? at + TimeSpan.FromMinutes(minutes)
                    : MaintenanceWindow.RestartAt(run, now),
            }
        );

    private static RunDecision.Moved EndRunning(RunRecord run, DateTimeOffset now, RunDeadlines deadlines)
    {
        if (run.Settings.Timeout is not null)
            return BeginStopping(run, JobRunState.Timeout, TimedOut(run), now, deadlines);
        // A node that was down may have missed the window; then the next one is meant.
        return MaintenanceWindow.RestartAt(run, now) is { } later && later > now
            ? Move(run with { DeadlineAt = later })
            : BeginDraining(run, now, deadlines);
    }

    private static RunDecision.Moved BeginDraining(RunRecord run, DateTimeOffset now, RunDeadlines deadlines)
    {
        var until = MaintenanceWindow.DrainsUntil(run);
        if (until <= now)
            return BeginStopping(run, Expired, RestartedMessage, now, deadlines);
        return Move(
            run with
            {
                State = Stopping,
                EndsAs = Expired,
                ErrorMessage = RestartedMessage,
                LastModifiedOn = Later(now, run.LastModifiedOn),
                DeadlineAt = until,
            },
            RunEffect.DrainProcess
        );
    }

    /// <summary>Whether the script still has the time it needs: the stop is to be graceful, and no deadline of ours runs.</summary>
    private static bool IsDraining(RunRecord run) =>
        run.EndsAs == Expired && run.DeadlineAt == MaintenanceWindow.DrainsUntil(run);

    private static RunDecision.Moved BeginStopping(
        RunRecord run,
        JobRunState endsAs,
        string? errorMessage,
        DateTimeOffset now,
        RunDeadlines deadlines
    ) =>
        Move(
            run with
            {
                State = Stopping,
                EndsAs = endsAs,
                ErrorMessage = errorMessage,
                LastModifiedOn = Later(now, run.LastModifiedOn),
                DeadlineAt = now + deadlines.StopDeadline,
            },
            RunEffect.StopProcess
        );

    private static RunDecision.Moved EndByExit(RunRecord run, RunEvent.Exited exited, RunDeadlines deadlines) =>
        exited is { ExitCode: 0, ErrorMessage: null }
            ? End(run, Succeeded, exited.At, null, deadlines)
            : End(
                run,
                Failed,
                exited.At,
                exited.ErrorMessage ?? $"Command failed with exit code {exited.ExitCode}",
                deadlines
            );

    // Glue leaves ErrorMessage out of a stopped run; Prefect reads it without a default and breaks, so there is always one.
    private static RunDecision.Moved EndedAsRemembered(RunRecord run, DateTimeOffset at, RunDeadlines deadlines) =>
        End(run, run.EndsAs!.Value, at, run.ErrorMessage ?? StoppedMessage, deadlines);

    private static RunDecision.Moved End(
        RunRecord run,
        JobRunState state,
        DateTimeOffset at,
        string? errorMessage,
        RunDeadlines deadlines
    )
    {
        var completedOn = Later(at, run.LastModifiedOn);
        return Move(
            run with
            {
                State = state,
                EndsAs = null,
                StateDetail = null,
                ErrorMessage = errorMessage,
                LastModifiedOn = completedOn,
                CompletedOn = completedOn,
                DeadlineAt = null,
                SuccessorDueAt = SuccessorDueAt(run, state, completedOn, deadlines),
            },
            RunEffect.ReleaseSlot,
            RunEffect.AnnounceEnd
        );
    }

    /// <summary>
    /// A restart follows EXPIRED at once. Another attempt follows FAILED after a pause, if any is left, unless the run
    /// never got a slot or was asked to stop (or had used up its time) before it failed. Nothing else is retried
    /// (glue-behaviour.md 3.2.4, 5.1.6).
    /// </summary>
    private static DateTimeOffset? SuccessorDueAt(
        RunRecord run,
        JobRunState end,
        DateTimeOffset completedOn,
        RunDeadlines deadlines
    ) =>
        end switch
        {
            Expired => completedOn,
            Failed
                when run.Attempt < run.Settings.MaxRetries
                    && run.State is not Waiting
                    && run.EndsAs is null or Failed or Expired => completedOn + deadlines.RetryPause,
            _ => null,
        };

    private static RunDecision.Moved AnnounceDelay(RunRecord run) =>
        Move(run with { DelayNotifiedIn = run.State }, RunEffect.AnnounceDelay);

    /// <summary>NotifyDelayAfter minutes after the run was accepted, once in each state in which it holds a slot
    /// (glue-behaviour.md 5.2).</summary>
    private static DateTimeOffset? DelayIsAnnouncedAt(RunRecord run) =>
        run.State.IsTerminal() || run.State == Waiting || run.DelayNotifiedIn == run.State ? null
        : run.Settings.NotificationProperty?.NotifyDelayAfter is { } minutes
            ? run.StartedOn + TimeSpan.FromMinutes(minutes)
        : null;

    private static RunDecision.Moved Move(RunRecord next, params RunEffect[] effects) =>
        new(WithDue(next with { Version = next.Version + 1 }), effects);

    private const string StoppedMessage = "Job run stopped";

    private const string RestartedMessage = "The streaming run was restarted for maintenance.";

    private static string NeverAdmitted(RunRecord run) =>
        $"Resource unavailable: the run waited in vain. {run.StateDetail}".TrimEnd();

    private static string LostWith(RunRecord run) =>
        $"The executor node '{run.Executor!.Node}' that the run was on was lost: it did not renew its lease.";

    private static string NotLaunched(RunDeadlines deadlines) =>
        $"The run did not start within {deadlines.ToWall(deadlines.LaunchDeadline).TotalSeconds:0} seconds (Runs:LaunchDeadline).";

    private static string TimedOut(RunRecord run) =>
        $"Job run timed out after {run.Settings.Timeout} minute{(run.Settings.Timeout == 1 ? "" : "s")}";

    // An executor's clock may stand a little behind; a run never completes before it was last modified.
    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
