using System.Reflection;
using CsCheck;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Runs;
using GlueOrleans.Storage;
using Xunit;

namespace GlueOrleans.Tests.Unit.Runs;

public sealed class RunLifecycleTests
{
    /// <summary>Read the difference as a reviewer: each line is something that happens to users' runs.</summary>
    [Fact]
    public void The_whole_table_is_the_one_that_was_reviewed()
    {
        using var reviewed = new StreamReader(
            Assembly.GetExecutingAssembly().GetManifestResourceStream("run-lifecycle.txt")!
        );

        var expected = reviewed.ReadToEnd().ReplaceLineEndings("\n");
        var printed = LifecycleMatrix.Print();
        if (printed != expected)
            File.WriteAllText(ActualTable, printed);
        Assert.True(
            printed == expected,
            $"The table changed. Compare {ActualTable} with tests/unit/Runs/run-lifecycle.txt."
        );
    }

    private static string ActualTable => Path.Combine(AppContext.BaseDirectory, "run-lifecycle.actual.txt");

    [Fact]
    public void Every_kind_of_event_stands_in_the_table()
    {
        var kinds = typeof(RunEvent).GetNestedTypes().Where(t => t.IsSubclassOf(typeof(RunEvent))).ToHashSet();
        var printed = LifecycleMatrix
            .EventsFor(LifecycleMatrix.RunIn(JobRunState.Running))
            .Select(e => e.Event.GetType());

        Assert.NotEmpty(kinds);
        Assert.Equal(kinds, printed.ToHashSet());
    }

    [Fact]
    public void Every_state_says_whether_it_is_terminal_and_has_a_name()
    {
        Assert.Equal(10, LifecycleMatrix.States.Count());
        Assert.Equal(6, LifecycleMatrix.States.Count(s => s.IsTerminal()));
        Assert.Equal(10, LifecycleMatrix.States.Select(s => s.ToGlueName()).Distinct().Count());
    }

    /// <summary>The page and the table are only as good as the examples: each row that the code tells apart is one.</summary>
    [Fact]
    public void Every_state_and_every_ending_stands_in_the_table()
    {
        Assert.Equal(
            LifecycleMatrix.States.ToHashSet(),
            LifecycleMatrix.Situations.Select(situation => situation.Run.State).ToHashSet()
        );
        var reached = LifecycleMatrix.Moves().Select(move => (move.Decision as RunDecision.Moved)?.Next.EndsAs);
        var remembered = LifecycleMatrix.Situations.Select(situation => situation.Run.EndsAs);
        Assert.Subset(remembered.ToHashSet(), reached.Append(null).ToHashSet());
        Assert.All(LifecycleMatrix.Situations, situation => RunInvariants.Check(situation.Run));
    }

    /// <summary>
    /// Whatever comes in whatever order: a run ends at most once; a slot is taken by each move out of WAITING and given back
    /// by the one that leaves the states that hold it, and by no other; the end is announced with it, a delay at most
    /// once for each state; a run that holds a slot is under a deadline, and times never run backwards.
    /// </summary>
    [Fact]
    public void Any_sequence_of_events_keeps_the_rules()
    {
        RunRecord[] beginnings =
        [
            .. from run in LifecycleMatrix.Creations().Take(2).Select(creation => creation.Row)
            from kind in new[] { run, LifecycleMatrix.WithAnAttemptLeft(run), LifecycleMatrix.Streaming(run, null) }
            from begun in new[] { kind with { DeadlineAt = run.DeadlineAt }, LifecycleMatrix.Late(kind) }
            select RunLifecycle.WithDue(begun with { DeadlineAt = run.DeadlineAt }),
        ];
        var events = LifecycleMatrix.EventsFor(beginnings[0]).Count();
        Gen.Select(
                Gen.Int[0, beginnings.Length - 1],
                Gen.Select(Gen.Int[0, events - 1], Gen.OneOf(Gen.Int[0, 400], Gen.Int[0, 2_000_000])).Array[1, 25]
            )
            .Sample((beginning, steps) => Live(beginnings[beginning], steps), iter: 3000);
    }

    private static void Live(RunRecord run, (int Which, int Seconds)[] steps)
    {
        var now = LifecycleMatrix.Accepted;
        var slots = run.State.HoldsSlot() ? 1 : 0;
        var ends = 0;
        List<JobRunState> late = [];
        foreach (var (which, seconds) in steps)
        {
            now = now.AddSeconds(seconds);
            var happened = At(LifecycleMatrix.EventsFor(run).ElementAt(which).Event, now);
            var decision = RunLifecycle.Decide(run, happened, now, LifecycleMatrix.Deadlines);
            if (decision is not RunDecision.Moved { Next: var next } moved)
                continue;

            Assert.False(run.State.IsTerminal(), "a terminal run moved");
            RunInvariants.CheckNextVersion(next, run.Version);
            Assert.Equal(RunLifecycle.WithDue(next).DueAt, next.DueAt);
            Assert.True(
                !next.State.HoldsSlot() || next.DeadlineAt is not null || IsYoungStreaming(next),
                $"{next.State} without a deadline"
            );
            Assert.True(next.LastModifiedOn >= run.LastModifiedOn, "a time ran backwards");
            Assert.True(next.DeadlineAt is null || !next.State.IsTerminal(), "an ended run has a deadline");
            Assert.Equal(next.State is JobRunState.Succeeded, next.State.IsTerminal() && next.ErrorMessage is null);

            slots += next.State.HoldsSlot() && !run.State.HoldsSlot() ? 1 : 0;
            var released = moved.Effects.Count(effect => effect == RunEffect.ReleaseSlot);
            // Who leaves the queue for good says so, too: the job has it in its queue.
            Assert.Equal(run.State.HoldsSlot() && !next.State.HoldsSlot() || next.State.IsTerminal() ? 1 : 0, released);
            slots -= run.State.HoldsSlot() ? released : 0;
            Assert.Equal(next.State.HoldsSlot() ? 1 : 0, slots);

            ends += moved.Effects.Count(effect => effect == RunEffect.AnnounceEnd);
            Assert.Equal(next.State.IsTerminal() ? 1 : 0, ends);
            if (moved.Effects.Contains(RunEffect.AnnounceDelay))
            {
                Assert.True(run.State.HoldsSlot(), $"{run.State} was announced as late");
                late.Add(run.State);
            }

            run = next;
        }

        // Only a run that waits again may be late in STARTING once more.
        Assert.Equal(late.Distinct().Count(), late.Count);
    }

    private static bool IsYoungStreaming(RunRecord run) =>
        run is { State: JobRunState.Running, Settings: { Timeout: null, Command.Name: not "gluestreaming" } };

    /// <summary>What is performed at a move is what a later activation would find owed, so no crash loses an effect. Two are
    /// made up for elsewhere: an announcement is at most once, and a job looks after those that wait again by itself.</summary>
    [Fact]
    public void Effects_can_be_derived_again_from_the_row()
    {
        foreach (var move in LifecycleMatrix.All())
        {
            if (move.Decision is not RunDecision.Moved { Next: var next, Effects: var effects })
                continue;
            var owed = RunLifecycle.EffectsOwed(next).ToHashSet();
            foreach (var effect in effects)
            {
                Assert.True(
                    owed.Contains(effect)
                        || effect is RunEffect.AnnounceEnd or RunEffect.AnnounceDelay
                        || (effect, next.State) is (RunEffect.ReleaseSlot, JobRunState.Waiting),
                    $"{move.From.Name}, {move.Event}: {effect} is lost by a crash"
                );
            }
        }
    }

    [Theory]
    [InlineData(JobRunState.Starting)]
    [InlineData(JobRunState.Running)]
    [InlineData(JobRunState.Stopping)]
    public void A_run_is_announced_as_late_once_in_each_state_that_holds_a_slot(JobRunState state)
    {
        var run = LifecycleMatrix.Late(LifecycleMatrix.RunIn(state));
        Assert.Equal(LifecycleMatrix.Accepted.AddMinutes(1), run.DueAt);

        var moved = Moved(run, new RunEvent.DeadlinePassed(state, run.DueAt!.Value), run.DueAt.Value);

        Assert.Equal([RunEffect.AnnounceDelay], moved.Effects);
        Assert.Equal(run with { Version = 4, DelayNotifiedIn = state, DueAt = run.DeadlineAt }, moved.Next);
    }

    [Fact]
    public void A_run_in_the_queue_is_not_late_and_one_that_is_late_already_is_announced_when_it_starts()
    {
        var waiting = LifecycleMatrix.Late(LifecycleMatrix.RunIn(JobRunState.Waiting));
        Assert.Equal(waiting.DeadlineAt, waiting.DueAt);

        var starting = Moved(waiting, new RunEvent.Admitted(LifecycleMatrix.Node), waiting.DueAt!.Value).Next;

        Assert.Equal(LifecycleMatrix.Accepted.AddMinutes(1), starting.DueAt);
    }

    /// <summary>What is due at the same time is not lost: in the next state it is due at once.</summary>
    [Fact]
    public void A_deadline_that_passed_comes_before_an_announcement_that_is_due_too()
    {
        var run = LifecycleMatrix.Late(LifecycleMatrix.RunIn(JobRunState.Running));
        var now = run.DeadlineAt!.Value;

        var moved = Moved(run, new RunEvent.DeadlinePassed(JobRunState.Running, run.DueAt!.Value), now);

        Assert.Equal((JobRunState.Stopping, run.DueAt), (moved.Next.State, moved.Next.DueAt));
        Assert.Equal([RunEffect.StopProcess], moved.Effects);
    }

    [Fact]
    public void A_run_without_room_waits_in_its_old_place_and_for_no_longer_than_before()
    {
        var deadlines = new RunDeadlines { QueueDeadline = TimeSpan.FromMinutes(15) };
        var run = LifecycleMatrix.RunIn(JobRunState.Starting);

        var next = Moved(run, new RunEvent.NoRoom("full", run.Version), run.DeadlineAt!.Value, deadlines).Next;

        Assert.Equal((JobRunState.Waiting, "full"), (next.State, next.StateDetail));
        Assert.Equal((run.Ordinal, run.StartedOn), (next.Ordinal, next.StartedOn));
        Assert.Equal(run.StartedOn.AddMinutes(15), next.DeadlineAt);
    }

    /// <summary>A report may come when the run was admitted again meanwhile: then it speaks of an earlier launch.</summary>
    [Fact]
    public void Room_that_was_missing_for_an_earlier_launch_is_not_missing_now()
    {
        var run = LifecycleMatrix.RunIn(JobRunState.Starting);
        var waiting = Moved(run, new RunEvent.NoRoom("full", run.Version), LifecycleMatrix.Accepted).Next;
        var again = Moved(waiting, new RunEvent.Admitted(LifecycleMatrix.Node), LifecycleMatrix.Accepted).Next;

        var late = new RunEvent.NoRoom("full", run.Version);

        Assert.IsType<RunDecision.Ignored>(
            RunLifecycle.Decide(again, late, LifecycleMatrix.Accepted, LifecycleMatrix.Deadlines)
        );
    }

    [Fact]
    public void What_a_run_waits_for_is_written_only_when_it_is_something_else()
    {
        var run = LifecycleMatrix.RunIn(JobRunState.Waiting);

        var moved = Moved(run, new RunEvent.StillWaiting("another limit"), LifecycleMatrix.Accepted);

        Assert.Equal(run with { Version = 4, StateDetail = "another limit" }, moved.Next);
        Assert.IsType<RunDecision.Ignored>(
            RunLifecycle.Decide(
                run,
                new RunEvent.StillWaiting(run.StateDetail!),
                LifecycleMatrix.Accepted,
                LifecycleMatrix.Deadlines
            )
        );
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, 20)]
    public void Only_a_FLEX_run_waits_for_a_bounded_time_unless_it_is_configured(bool isFlex, int? minutes)
    {
        var run = LifecycleMatrix.RunIn(JobRunState.Waiting);
        run = run with { Settings = run.Settings with { ExecutionClass = isFlex ? "FLEX" : "STANDARD" } };

        Assert.Equal(
            minutes is { } m ? run.StartedOn.AddMinutes(m) : null,
            RunLifecycle.WaitsUntil(run, LifecycleMatrix.Deadlines)
        );
        Assert.Equal(
            run.StartedOn.AddMinutes(isFlex ? 20 : 15),
            RunLifecycle.WaitsUntil(run, new RunDeadlines { QueueDeadline = TimeSpan.FromMinutes(15) })
        );
    }

    /// <summary>What a dead node left undone at two weeks is a stop like any other.</summary>
    [Fact]
    public void A_streaming_run_whose_two_weeks_are_over_is_not_drained_any_more()
    {
        var run = LifecycleMatrix.Streaming(LifecycleMatrix.RunIn(JobRunState.Running), TimeSpan.FromDays(7));
        var now = LifecycleMatrix.Accepted.AddDays(14);

        var moved = Moved(run, new RunEvent.DeadlinePassed(JobRunState.Running, run.DueAt!.Value), now);

        Assert.Equal((JobRunState.Stopping, JobRunState.Expired), (moved.Next.State, moved.Next.EndsAs!.Value));
        Assert.Equal(now + LifecycleMatrix.Deadlines.StopDeadline, moved.Next.DeadlineAt);
        Assert.Equal([RunEffect.StopProcess], moved.Effects);
        Assert.Equal([RunEffect.StopProcess], RunLifecycle.EffectsOwed(moved.Next));
    }

    [Fact]
    public void A_window_that_passed_while_no_node_lived_is_missed_and_the_run_goes_on()
    {
        var run = LifecycleMatrix.Streaming(LifecycleMatrix.RunIn(JobRunState.Running), null);
        run = run with { Settings = run.Settings with { MaintenanceWindow = "Sun:10" } };
        var window = MaintenanceWindow.RestartAt(run, LifecycleMatrix.Accepted)!.Value;
        run = RunLifecycle.WithDue(run with { DeadlineAt = window });

        var moved = Moved(run, new RunEvent.DeadlinePassed(JobRunState.Running, window), window.AddHours(4));

        Assert.Equal(JobRunState.Running, moved.Next.State);
        Assert.Equal(LifecycleMatrix.Accepted.AddDays(14), moved.Next.DeadlineAt); // before the next window
        Assert.Empty(moved.Effects);
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 0, true)]
    [InlineData(1, 1, false)]
    [InlineData(10, 9, true)]
    public void A_failed_run_is_retried_as_often_as_it_may(int maxRetries, int attempt, bool isRetried)
    {
        var run = LifecycleMatrix.RunIn(JobRunState.Running) with { Attempt = attempt };
        run = run with { Settings = run.Settings with { MaxRetries = maxRetries } };

        var next = Moved(run, new RunEvent.Exited(run.DeadlineAt!.Value, 1, null, false), run.DeadlineAt.Value).Next;

        Assert.Equal(isRetried ? next.CompletedOn + LifecycleMatrix.Deadlines.RetryPause : null, next.SuccessorDueAt);
    }

    [Theory]
    [InlineData(JobRunState.Stopped, false)]
    [InlineData(JobRunState.Timeout, false)]
    [InlineData(JobRunState.Failed, true)]
    [InlineData(JobRunState.Expired, true)]
    public void A_run_that_fails_by_itself_while_it_is_stopped_is_retried_unless_it_was_not_to_go_on(
        JobRunState end,
        bool isRetried
    )
    {
        var run = LifecycleMatrix.WithAnAttemptLeft(LifecycleMatrix.Ending(end, "because"));

        var next = Moved(run, new RunEvent.Exited(run.DeadlineAt!.Value, 1, null, false), run.DeadlineAt.Value).Next;

        Assert.Equal((JobRunState.Failed, isRetried), (next.State, next.SuccessorDueAt is not null));
    }

    [Fact]
    public void A_run_that_waited_in_vain_is_not_retried()
    {
        var run = LifecycleMatrix.WithAnAttemptLeft(LifecycleMatrix.RunIn(JobRunState.Waiting));

        var next = Moved(run, new RunEvent.DeadlinePassed(run.State, run.DueAt!.Value), run.DueAt.Value).Next;

        Assert.Equal((JobRunState.Failed, null), (next.State, next.SuccessorDueAt));
        Assert.Equal("Resource unavailable: the run waited in vain. a limit", next.ErrorMessage);
    }

    private static RunDecision.Moved Moved(
        RunRecord run,
        RunEvent happened,
        DateTimeOffset now,
        RunDeadlines? deadlines = null
    ) =>
        Assert.IsType<RunDecision.Moved>(
            RunLifecycle.Decide(run, happened, now, deadlines ?? LifecycleMatrix.Deadlines)
        );

    [Fact]
    public void A_launch_that_a_dead_node_owed_gets_a_new_deadline_when_the_run_is_taken_up_again()
    {
        var run = LifecycleMatrix.RunIn(JobRunState.Starting);
        var late = run.DueAt!.Value.AddHours(8);

        var moved = Assert.IsType<RunDecision.Moved>(
            RunLifecycle.Decide(run, new RunEvent.TakenUp(), late, LifecycleMatrix.Deadlines)
        );

        Assert.Equal(JobRunState.Starting, moved.Next.State);
        Assert.Equal(late + LifecycleMatrix.Deadlines.LaunchDeadline, moved.Next.DueAt);
        Assert.Equal([RunEffect.Launch], moved.Effects);
    }

    [Fact]
    public void A_streaming_run_without_a_timeout_runs_until_its_restart()
    {
        var run = LifecycleMatrix.Streaming(LifecycleMatrix.RunIn(JobRunState.Starting), TimeSpan.FromHours(1));

        var next = Moved(run, new RunEvent.Launched(run.DueAt!.Value), run.DueAt.Value).Next;

        Assert.Equal(run.StartedOn.AddDays(7), next.DeadlineAt);
    }

    private static RunEvent At(RunEvent happened, DateTimeOffset now) =>
        happened switch
        {
            RunEvent.Launched launched => launched with { At = now },
            RunEvent.LaunchFailed failed => failed with { At = now },
            RunEvent.Exited exited when exited.At != LifecycleMatrix.Accepted => exited with { At = now },
            _ => happened,
        };
}
