using System.Globalization;
using System.Text;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Runs;
using static GlueOrleans.GrainInterfaces.Runs.JobRunState;

namespace GlueOrleans.Tests.Unit.Runs;

/// <summary>docs/run-lifecycle.md. Its sentences are here; its moves, times and ids are what the code says.</summary>
internal static class LifecycleDocument
{
    private static readonly Dictionary<JobRunState, string> Meanings = new()
    {
        [Waiting] =
            "Accepted, but a limit is reached: of the job, of the account, of the node. `StateDetail` says which, and the "
            + "place in the job's queue. Nothing runs yet.",
        [Starting] = "It has its slot. The script is being fetched and its process started.",
        [Running] = "The script runs. `ExecutionTime` and `Timeout` count from here.",
        [Stopping] = "The script was asked to end, and may still be at work. How the run will end is settled already.",
        [Stopped] = "Somebody stopped it.",
        [Succeeded] = "The script ended with exit code 0, and the bookmark it left, if any, is kept.",
        [Failed] =
            "The script failed, or could not be started. `ErrorMessage` says why. A retry, if any is left, is a new run.",
        [JobRunState.Timeout] = "It ran longer than its `Timeout` and was ended. It is not retried.",
        [Error] = "A trigger, a retry or a restart wanted to start it, but its job had been deleted.",
        [Expired] = "A streaming run that was ended for maintenance after a week. Its restart is a new run.",
    };

    private static readonly Dictionary<RunEffect, string> Effects = new()
    {
        [RunEffect.Launch] = "launch",
        [RunEffect.Resume] = "watch the process again",
        [RunEffect.StopProcess] = "SIGTERM, after the grace period SIGKILL",
        [RunEffect.DrainProcess] = "SIGTERM",
        [RunEffect.ReleaseSlot] = "give the slot back",
        [RunEffect.AnnounceEnd] = "event: ended",
        [RunEffect.AnnounceDelay] = "event: late",
    };

    public static string Render()
    {
        var page = new StringBuilder();
        page.AppendLine(
            $"""
            # The life of a job run

            <!-- Written by tests/unit from grains/Runs/RunLifecycle.cs: change that, then run the suite with UPDATE_DOCS=1. -->

            A run is one row in the run table, and its state changes by one pure function, `RunLifecycle.Decide`: a row, an
            event and the time go in; the next row and what is to be done about it come out. The row is stored first. So a
            node can die at any moment: the next one reads the row and does what is still owed.

            This page is made from that function by asking it about every state and every event. It cannot be out of date:
            the tests fail if it is.

            ## States

            | state | what it means to you | holds a slot | final |
            |---|---|---|---|
            {Lines(
                LifecycleMatrix.States,
                s => $"| **{s.ToGlueName()}** | {Meanings[s]} | {Tick(s.HoldsSlot())} | {Tick(s.IsTerminal())} |"
            )}

            A slot is one of the runs that a job may have at a time (`MaxConcurrentRuns`); with it go a place among the
            account's concurrent runs and the run's DPUs. It is given back by the very write that makes the run final, so
            whoever reads a final state can start the next run at once. Because of that a run whose script may be alive
            goes through STOPPING: no slot is free before its process is gone. A final state never changes.

            ## Moves

            ```mermaid
            {Diagram()}
            ```

            *Process gone* in STOPPING: it ended because of the stop, it vanished, or it never came to be. Moves that stay
            in a state are not drawn; they are in the table at the end.

            ## Timers

            What happens when nothing else does. Each of these instants is in the run's row, and a sweep looks for those
            that were missed: no timer is lost with a node.

            | state | how long | set by | then |
            |---|---|---|---|
            {Lines(Timers(), timer => timer)}

            A node that finds a run in STARTING too late, because it was down, launches it after all, with a new deadline. A run
            with `NotifyDelayAfter` is announced as late that many minutes after it was accepted, once in each of
            STARTING, RUNNING and STOPPING. That changes nothing else. Lengths of `Runs:LaunchDeadline` and
            `Runs:StopDeadline` are wall time, also on a node whose clock runs faster.

            ## What follows a run by itself

            That a run is to be followed stands in the row that ends it, and is taken out of it by the write that creates
            its successor: neither is there a crash between the two, nor a second successor.

            | run | that ends | is followed by | after |
            |---|---|---|---|
            {Lines(Successors(), successor => successor)}

            A run is retried if it FAILED with attempts left (`MaxRetries`), unless it failed in WAITING, or while it was
            stopped or timed out. Retries and restarts are new runs with `PreviousRunId` and the same settings; restarts
            use up no retries, and are counted anew in each attempt.

            ## All moves

            What is not listed changes nothing: reports may come twice or late. After an arrow: how a run in STOPPING will
            end. After a comma: what is special about the run; such rows say only what is different from the rows of its
            state. *After a stop* means that the executor had been asked to end the process before it ended; *with an error*
            that the bookmark which the script left could not become the job's.

            | from | what happens | to | ErrorMessage | effects |
            |---|---|---|---|---|
            {Lines(Rows(), row => row)}
            """
        );
        return page.ToString().ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
    }

    private static string Diagram()
    {
        var edges = LifecycleMatrix
            .Creations()
            .Select(creation => (From: "[*]", To: creation.Row.State.ToGlueName(), Label: creation.Event))
            .Concat(
                from move in LifecycleMatrix.All()
                let next = (move.Decision as RunDecision.Moved)?.Next
                where next is not null && next.State != move.From.Run.State
                select (From: move.From.Run.State.ToGlueName(), To: next.State.ToGlueName(), Label: Label(move))
            );
        var lines = edges
            .GroupBy(edge => (edge.From, edge.To))
            .Select(group =>
                $"    {group.Key.From} --> {group.Key.To}: {string.Join(", ", group.Select(edge => edge.Label).Distinct())}"
            );
        return "stateDiagram-v2\n" + string.Join("\n", lines);
    }

    /// <summary>The event, as short as the state it happens in allows.</summary>
    private static string Label(Move move)
    {
        var isStopping = move.From.Run.State == Stopping;
        return move.Happened switch
        {
            RunEvent.Exited { ExitCode: < 0 } when !isStopping => "process lost",
            RunEvent.Exited { ExitCode: < 0 } => "process gone",
            RunEvent.Exited { AfterStop: true } or RunEvent.LaunchFailed when isStopping => "process gone",
            RunEvent.Exited { ExitCode: 0, ErrorMessage: not null } => "bookmark refused",
            RunEvent.Exited { ExitCode: 0 } => "exit 0",
            RunEvent.Exited => "exit other than 0",
            RunEvent.DeadlinePassed when move.From.Run.State == Waiting => "waited too long",
            RunEvent.DeadlinePassed when move.From.Run.State == Starting => "not launched in time",
            RunEvent.DeadlinePassed when isStopping => "not gone in time",
            RunEvent.DeadlinePassed when move.From.Run.Settings.Timeout is null => "maintenance",
            RunEvent.DeadlinePassed => "timeout",
            _ => move.Event,
        };
    }

    private static IEnumerable<string> Timers()
    {
        var deadlines = LifecycleMatrix.Deadlines;
        var template = LifecycleMatrix.RunIn(Waiting);
        var flex = template with { Settings = template.Settings with { ExecutionClass = "FLEX" } };
        yield return Timer("WAITING", "as long as it takes", "`Runs:QueueDeadline`; 0 is no bound", "WAITING");
        yield return Timer(
            "WAITING, FLEX",
            $"{Length(RunLifecycle.WaitsUntil(flex, deadlines) - flex.StartedOn)} after acceptance",
            "`Runs:FlexDeadline`",
            "WAITING"
        );
        var admitted = LifecycleMatrix.Creations().First().Row;
        yield return Timer(
            "STARTING",
            Length(admitted.DeadlineAt - admitted.StartedOn),
            "`Runs:LaunchDeadline`",
            "STARTING"
        );
        yield return Timer("RUNNING", "the run's", "`Timeout`, in minutes", "RUNNING");
        var streaming = LifecycleMatrix.Streaming(LifecycleMatrix.RunIn(Running), null);
        yield return Timer(
            "RUNNING, streaming without `Timeout`",
            $"{Length(MaintenanceWindow.RestartAt(streaming, LifecycleMatrix.Accepted) - streaming.StartedOn)} after acceptance, within 3 hours of the next `MaintenanceWindow` if the run has one",
            "Glue",
            "RUNNING, streaming"
        );
        yield return Timer(
            "STOPPING for maintenance",
            $"{Length(MaintenanceWindow.DrainsUntil(streaming) - streaming.StartedOn)} after acceptance",
            "Glue",
            "STOPPING→EXPIRED, draining"
        );
        yield return Timer("STOPPING", Length(deadlines.StopDeadline), "`Runs:StopDeadline`", "STOPPING→STOPPED");

        static string Timer(string state, string length, string setting, string situation)
        {
            var move = LifecycleMatrix.Moves().Single(m => m.From.Name == situation && m.Event == "deadline passed");
            var end =
                situation == "STOPPING→STOPPED"
                    ? "the ending that was settled"
                    : To(((RunDecision.Moved)move.Decision).Next);
            return $"| {state} | {length} | {setting} | {end} |";
        }
    }

    private static IEnumerable<string> Successors()
    {
        var run = LifecycleMatrix.RunIn(Failed) with { Id = "jr_X" };
        var retried = LifecycleMatrix.Deadlines.RetryPause;
        RunRecord[] ended =
        [
            run,
            run with
            {
                Id = "jr_X_attempt_1",
                Attempt = 1,
            },
            run with
            {
                Id = "jr_X",
                State = Expired,
            },
            run with
            {
                Id = "jr_X_restart_1",
                State = Expired,
            },
            run with
            {
                Id = "jr_X_attempt_3_restart_5",
                Attempt = 3,
            },
            run with
            {
                Id = "jr_X_attempt_4",
                Attempt = 4,
                State = Expired,
            },
        ];
        return ended.Select(previous =>
        {
            var pause = previous.State == Failed ? $"{Length(retried)} (`Runs:RetryPause`)" : "at once";
            return $"| `{previous.Id}` | {previous.State.ToGlueName()} | `{NewRun.After(previous).Id}` | {pause} |";
        });
    }

    private static IEnumerable<string> Rows()
    {
        foreach (var (happened, row) in LifecycleMatrix.Creations())
            yield return $"| (new) | {happened} | {row.State.ToGlueName()} | {row.ErrorMessage} | {(row.State == Starting ? "launch" : "")} |";
        var moves = LifecycleMatrix.All().Where(move => move.Decision is RunDecision.Moved).ToList();
        var ordinary = moves.ToDictionary(move => (move.From.Name, move.Event), Outcome);
        var outcomes =
            from move in moves
            let outcome = Outcome(move)
            let isVariant = move.From.Name.Contains(',', StringComparison.Ordinal)
            where !isVariant || ordinary.GetValueOrDefault((move.From.Name.Split(',')[0], move.Event)) != outcome
            group move.Event by (move.From.Name, outcome);
        foreach (var row in outcomes.OrderBy(row => Rank(row.Key.Name)))
            yield return $"| {row.Key.Name} | {string.Join("; ", row)} | {row.Key.outcome} |";
        // Of a final state there is nothing to say but what it refuses.
        var refusals = LifecycleMatrix.All().Where(move => move.Decision is RunDecision.Refused);
        foreach (var refusal in refusals.GroupBy(move => move.Event))
        {
            var states = refusal.Select(move => move.From.Name);
            yield return $"| {string.Join(", ", states)} | {refusal.Key} | *refused* | | |";
        }
    }

    private static int Rank(string situation) =>
        LifecycleMatrix.Situations.Select(s => s.Name).ToList().IndexOf(situation);

    private static string Outcome(Move move)
    {
        var (next, done) = (RunDecision.Moved)move.Decision;
        var effects = done.Select(effect => Effect(move.From.Run, effect)).ToList();
        if (next.SuccessorDueAt is { } due)
            effects.Add(due == next.CompletedOn ? "restart" : $"retry after {Length(due - next.CompletedOn)}");
        return $"{To(next)} | {next.ErrorMessage} | {string.Join("; ", effects)}";
    }

    private static string Effect(RunRecord run, RunEffect effect) =>
        (run.State, effect) is (Waiting, RunEffect.ReleaseSlot) ? "leave the queue" : Effects[effect];

    private static string To(RunRecord next) =>
        next.State.ToGlueName() + (next.EndsAs is { } end ? "→" + end.ToGlueName() : "");

    private static string Lines<T>(IEnumerable<T> items, Func<T, string> line) => string.Join("\n", items.Select(line));

    private static string Tick(bool holds) => holds ? "yes" : "";

    private static string Length(TimeSpan? length) =>
        length switch
        {
            { TotalDays: >= 1 } days => Invariant($"{days.TotalDays} days"),
            { TotalMinutes: >= 1 } minutes => Invariant($"{minutes.TotalMinutes} min"),
            { } seconds => Invariant($"{seconds.TotalSeconds} s"),
            null => "",
        };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
