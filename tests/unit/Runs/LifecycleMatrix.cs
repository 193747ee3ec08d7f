using System.Text;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Runs;

namespace GlueOrleans.Tests.Unit.Runs;

/// <summary>A run at one point of its life, with what tells it from others in the same state.</summary>
/// <param name="Name">Of the situation: the state's name, and what matters beyond it.</param>
/// <param name="Run">As its row is.</param>
internal sealed record Situation(string Name, RunRecord Run);

/// <summary>What happens to a run in a situation, and what comes of it.</summary>
internal sealed record Move(Situation From, string Event, RunEvent Happened, RunDecision Decision);

/// <summary>Every situation against every event, each at one example.</summary>
internal static class LifecycleMatrix
{
    /// <summary>Where runs that hold a slot are placed.</summary>
    public static readonly ExecutorTenure Node = new("node-1", 2);

    public static readonly DateTimeOffset Accepted = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly RunDeadlines Deadlines = new();

    /// <summary>How far behind its acceptance the example of a batch run is: at its deadline.</summary>
    private static readonly TimeSpan OneHour = TimeSpan.FromHours(1);

    private static readonly TimeSpan OneWeek = TimeSpan.FromDays(7);
    private static readonly TimeSpan TwoWeeks = TimeSpan.FromDays(14);

    public static IEnumerable<JobRunState> States => Enum.GetValues<JobRunState>().Where(s => s != JobRunState.Unset);

    /// <summary>One row at least for each state, and one more for each thing in a row, but times, that a decision looks at.</summary>
    public static IReadOnlyList<Situation> Situations { get; } =
    [
        new("WAITING", RunIn(JobRunState.Waiting)),
        new("STARTING", RunIn(JobRunState.Starting)),
        new("STARTING, an attempt left", WithAnAttemptLeft(RunIn(JobRunState.Starting))),
        new("RUNNING", RunIn(JobRunState.Running)),
        new("RUNNING, an attempt left", WithAnAttemptLeft(RunIn(JobRunState.Running))),
        new("RUNNING, streaming", Streaming(RunIn(JobRunState.Running), OneWeek)),
        new("STOPPING→STOPPED", Ending(JobRunState.Stopped, null)),
        new(
            "STOPPING→STOPPED, on a node without a lease",
            Ending(JobRunState.Stopped, null) with
            {
                Executor = Node with { Epoch = 0 },
            }
        ),
        new("STOPPING→STOPPED, an attempt left", WithAnAttemptLeft(Ending(JobRunState.Stopped, null))),
        new("STOPPING→TIMEOUT", Ending(JobRunState.Timeout, "Job run timed out after 5 minutes")),
        new("STOPPING→FAILED, an attempt left", WithAnAttemptLeft(Ending(JobRunState.Failed, "It did not start."))),
        new("STOPPING→EXPIRED", Draining(RunIn(JobRunState.Stopping), TwoWeeks + TimeSpan.FromMinutes(2))),
        new("STOPPING→EXPIRED, draining", Draining(RunIn(JobRunState.Stopping), TwoWeeks)),
        .. States.Where(state => state.IsTerminal()).Select(state => new Situation(state.ToGlueName(), RunIn(state))),
    ];

    /// <summary>When the deadline of the situation passes, or passed.</summary>
    public static DateTimeOffset NowOf(RunRecord run) => run.DeadlineAt ?? Accepted + OneHour;

    /// <summary>A run of a job without retries, valid as a row; it has a deadline until it ends.</summary>
    public static RunRecord RunIn(JobRunState state) =>
        RunLifecycle.WithDue(
            new RunRecord
            {
                Job = new JobKey("000000000000", "job"),
                Id = "jr_1",
                Ordinal = 1,
                Version = 3,
                State = state,
                EndsAs = state == JobRunState.Stopping ? JobRunState.Stopped : null,
                StateDetail = state == JobRunState.Waiting ? "a limit" : null,
                Executor = state == JobRunState.Waiting ? null : Node,
                StartedOn = Accepted,
                RunningSince = state == JobRunState.Running ? Accepted.AddSeconds(1) : null,
                LastModifiedOn = Accepted.AddSeconds(1),
                CompletedOn = state.IsTerminal() ? Accepted.AddSeconds(1) : null,
                DeadlineAt = state.IsTerminal() ? null : Accepted + OneHour,
                Settings = new RunSettings
                {
                    ScriptArguments = new Dictionary<string, string>(),
                    Command = new JobCommand { Name = "pythonshell" },
                    Timeout = 5,
                    JobMode = "SCRIPT",
                    LogGroupName = "/aws-glue/python-jobs",
                },
            }
        );

    public static RunRecord WithAnAttemptLeft(RunRecord run) =>
        run with
        {
            Settings = run.Settings with { MaxRetries = 1 },
        };

    public static RunRecord Ending(JobRunState end, string? errorMessage) =>
        RunIn(JobRunState.Stopping) with
        {
            EndsAs = end,
            ErrorMessage = errorMessage,
        };

    /// <summary>A streaming run without Timeout and window.</summary>
    public static RunRecord Streaming(RunRecord run, TimeSpan? deadline) =>
        RunLifecycle.WithDue(
            run with
            {
                DeadlineAt = Accepted + deadline,
                Settings = run.Settings with
                {
                    Timeout = null,
                    Command = new JobCommand { Name = "gluestreaming" },
                },
            }
        );

    public static RunRecord Draining(RunRecord run, TimeSpan deadline) =>
        Streaming(run, deadline) with
        {
            EndsAs = JobRunState.Expired,
            ErrorMessage = "The streaming run was restarted for maintenance.",
        };

    /// <summary>The run as it is when it shall be announced once it is late, and is.</summary>
    public static RunRecord Late(RunRecord run) =>
        RunLifecycle.WithDue(
            run with
            {
                Settings = run.Settings with
                {
                    NotificationProperty = new NotificationProperty { NotifyDelayAfter = 1 },
                },
            }
        );

    /// <summary>The examples of events, by the name they have in the table.</summary>
    public static IEnumerable<(string Name, RunEvent Event)> EventsFor(RunRecord run)
    {
        var now = NowOf(run);
        yield return ("taken up", new RunEvent.TakenUp());
        yield return ("admitted", new RunEvent.Admitted(Node));
        yield return ("waits for something else", new RunEvent.StillWaiting("another limit"));
        yield return ("no room", new RunEvent.NoRoom("no room", run.Version));
        yield return ("no room for an earlier version", new RunEvent.NoRoom("no room", run.Version - 1));
        yield return ("launched", new RunEvent.Launched(now));
        yield return ("launch failed", new RunEvent.LaunchFailed(now, "no script"));
        yield return ("exited 0", new RunEvent.Exited(now, 0, null, false));
        yield return ("exited 0 with an error", new RunEvent.Exited(now, 0, "no bookmark", false));
        yield return ("exited 1", new RunEvent.Exited(now, 1, "ValueError: x", false));
        yield return ("exited 0 after a stop", new RunEvent.Exited(now, 0, null, true));
        // The times of files run behind the clock: an exit may seem older than the stop that caused it.
        yield return ("exited 143 after a stop", new RunEvent.Exited(Accepted, 143, "SIGTERM", true));
        yield return ("vanished", new RunEvent.Exited(now, -1, "vanished", false));
        yield return ("executor lost", new RunEvent.ExecutorLost(run.Executor ?? Node));
        yield return ("another executor lost", new RunEvent.ExecutorLost(Node with { Epoch = 1 }));
        yield return ("stop requested", new RunEvent.StopRequested());
        yield return ("deadline passed", new RunEvent.DeadlinePassed(run.State, run.DueAt ?? now));
        yield return ("another deadline passed", new RunEvent.DeadlinePassed(run.State, now.AddMinutes(-1)));
    }

    public static IEnumerable<Move> Moves() =>
        from situation in Situations
        from happened in EventsFor(situation.Run)
        select new Move(situation, happened.Name, happened.Event, DecideOn(situation.Run, happened.Event));

    /// <summary>Each situation once more, when its run is late, but not at its deadline.</summary>
    public static IEnumerable<Move> LateMoves() =>
        from situation in Situations
        let run = Late(situation.Run)
        let happened = new RunEvent.DeadlinePassed(run.State, run.DueAt ?? Accepted)
        select new Move(
            situation with
            {
                Run = run,
            },
            "late",
            happened,
            RunLifecycle.Decide(run, happened, Accepted.AddMinutes(1), Deadlines)
        );

    /// <summary>As long as a node is up, a run is taken up before its deadline.</summary>
    public static IEnumerable<Move> LateTakeUps() =>
        from situation in Situations
        select new Move(
            situation,
            "taken up after its deadline",
            new RunEvent.TakenUp(),
            RunLifecycle.Decide(
                situation.Run,
                new RunEvent.TakenUp(),
                NowOf(situation.Run) + TimeSpan.FromMinutes(1),
                Deadlines
            )
        );

    public static IEnumerable<Move> All() => Moves().Concat(LateMoves()).Concat(LateTakeUps());

    /// <summary>How runs come to be, by <see cref="NewRun"/>.</summary>
    public static IEnumerable<(string Event, RunRecord Row)> Creations()
    {
        var first = new NewRun(RunIn(JobRunState.Starting).Job, "jr_1", RunIn(JobRunState.Starting).Settings);
        yield return ("admitted at once", first.Starting(1, Node, Accepted, Deadlines));
        yield return ("has to wait", first.Waiting(1, "a limit", Accepted, Deadlines));
        yield return (
            "a trigger fired in vain",
            first.Ended(1, JobRunState.Failed, "Max concurrent runs exceeded", Accepted)
        );
        yield return ("its job is gone", first.Ended(1, JobRunState.Error, "The job does not exist.", Accepted));
    }

    public static string Print()
    {
        var table = new StringBuilder();
        foreach (var (happened, row) in Creations())
            table.Append("(new) | ").Append(happened).Append(" | ").AppendLine(Print(row, Accepted, []));
        foreach (var move in All())
        {
            if (move.Decision is not RunDecision.Ignored)
                table
                    .Append(move.From.Name)
                    .Append(" | ")
                    .Append(move.Event)
                    .Append(" | ")
                    .AppendLine(Print(move.Decision));
        }

        return table.ToString().ReplaceLineEndings("\n");
    }

    private static RunDecision DecideOn(RunRecord run, RunEvent happened) =>
        RunLifecycle.Decide(run, happened, happened is RunEvent.TakenUp ? Accepted : NowOf(run), Deadlines);

    private static string Print(RunDecision decision) =>
        decision switch
        {
            RunDecision.Moved { Next: var next } moved => Print(next, Accepted, moved.Effects),
            RunDecision.Refused refused => $"refused \"{refused.Reason}\"",
            _ => throw new ArgumentOutOfRangeException(nameof(decision)),
        };

    private static string Print(RunRecord next, DateTimeOffset since, IReadOnlyList<RunEffect> effects) =>
        string.Concat(
            next.State.ToGlueName(),
            next.EndsAs is { } end ? "→" + end.ToGlueName() : "",
            next.DeadlineAt is { } deadline ? $" until {deadline - since}" : "",
            next.DueAt != next.DeadlineAt ? $" (due {next.DueAt - since})" : "",
            next.StateDetail is { } detail ? $" ({detail})" : "",
            next.ErrorMessage is { } error ? $" \"{error}\"" : "",
            next.SuccessorDueAt is { } due ? $" then {RunIdAfter(next)} after {due - next.CompletedOn}" : "",
            string.Concat(effects.Select(e => " +" + e))
        );

    private static string RunIdAfter(RunRecord run) => NewRun.After(run).Id;
}
