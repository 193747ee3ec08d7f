using System.Reflection;
using CsCheck;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Runs;
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

    /// <summary>Whatever comes in whatever order, a run ends at most once, gives its slot back exactly then, is always under
    /// a deadline until then, and its times never run backwards.</summary>
    [Fact]
    public void Any_sequence_of_events_keeps_the_rules()
    {
        Gen.Select(Gen.Int[0, 10], Gen.Int[0, 400])
            .Array[1, 20]
            .Sample(steps =>
            {
                var run = LifecycleMatrix.RunIn(JobRunState.Starting);
                var now = LifecycleMatrix.Accepted;
                var released = 0;
                foreach (var (which, seconds) in steps)
                {
                    now = now.AddSeconds(seconds);
                    var happened = At(LifecycleMatrix.EventsFor(run).ElementAt(which).Event, now);
                    var decision = RunLifecycle.Decide(run, happened, now, LifecycleMatrix.Deadlines);
                    if (decision is not RunDecision.Moved { Next: var next } moved)
                        continue;

                    Assert.False(run.State.IsTerminal(), "a terminal run moved");
                    Assert.Equal(run.Version + 1, next.Version);
                    Assert.Equal(next.State.IsTerminal(), next.CompletedOn is not null);
                    Assert.Equal(next.State.IsTerminal(), next.DueAt is null);
                    Assert.Equal(next.State == JobRunState.Stopping, next.EndsAs is not null);
                    Assert.True(next.LastModifiedOn >= run.LastModifiedOn, "a time ran backwards");
                    Assert.Equal(
                        next.State is JobRunState.Succeeded,
                        next.State.IsTerminal() && next.ErrorMessage is null
                    );
                    released += moved.Effects.Count(e => e == RunEffect.ReleaseSlot);
                    Assert.Equal(next.State.IsTerminal() ? 1 : 0, released);
                    run = next;
                }
            });
    }

    /// <summary>What is performed at a move is what a later activation would find owed, so no crash loses an effect.</summary>
    [Fact]
    public void Effects_on_the_executor_can_be_derived_again_from_the_row()
    {
        foreach (var state in LifecycleMatrix.States)
        {
            foreach (var (_, happened) in LifecycleMatrix.EventsFor(LifecycleMatrix.RunIn(state)))
            {
                var decision = RunLifecycle.Decide(
                    LifecycleMatrix.RunIn(state),
                    happened,
                    LifecycleMatrix.Now,
                    LifecycleMatrix.Deadlines
                );
                if (decision is RunDecision.Moved moved)
                {
                    Assert.Subset(
                        RunLifecycle.EffectsOwed(moved.Next).ToHashSet(),
                        moved.Effects.Where(e => e != RunEffect.ReleaseSlot).ToHashSet()
                    );
                }
            }
        }
    }

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
    public void A_streaming_run_without_a_timeout_runs_without_a_deadline()
    {
        var run = LifecycleMatrix.RunIn(JobRunState.Starting);
        run = run with { Settings = run.Settings with { Timeout = null } };

        var moved = Assert.IsType<RunDecision.Moved>(
            RunLifecycle.Decide(
                run,
                new RunEvent.Launched(LifecycleMatrix.Now),
                LifecycleMatrix.Now,
                LifecycleMatrix.Deadlines
            )
        );

        Assert.Null(moved.Next.DueAt);
    }

    private static RunEvent At(RunEvent happened, DateTimeOffset now) =>
        happened switch
        {
            RunEvent.Launched launched => launched with { At = now },
            RunEvent.LaunchFailed failed => failed with { At = now },
            RunEvent.Exited exited when exited.At == LifecycleMatrix.Now => exited with { At = now },
            _ => happened,
        };
}
