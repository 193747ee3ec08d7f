using System.Text;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Runs;

namespace GlueOrleans.Tests.Unit.Runs;

/// <summary>Every state against every event, each at one example.</summary>
internal static class LifecycleMatrix
{
    public static readonly DateTimeOffset Accepted = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset Now = Accepted + TimeSpan.FromHours(1);
    public static readonly RunDeadlines Deadlines = new();

    public static IEnumerable<JobRunState> States => Enum.GetValues<JobRunState>().Where(s => s != JobRunState.Unset);

    public static RunRecord RunIn(JobRunState state) =>
        new()
        {
            Job = new JobKey("000000000000", "job"),
            Id = "jr_1",
            Ordinal = 1,
            Version = 3,
            State = state,
            EndsAs = state == JobRunState.Stopping ? JobRunState.Timeout : null,
            ErrorMessage = state == JobRunState.Stopping ? "Job run timed out after 5 minutes" : null,
            StartedOn = Accepted,
            RunningSince = state == JobRunState.Running ? Accepted.AddSeconds(1) : null,
            LastModifiedOn = Accepted.AddSeconds(1),
            CompletedOn = state.IsTerminal() ? Accepted.AddSeconds(1) : null,
            DeadlineAt = state.IsTerminal() ? null : Now,
            DueAt = state.IsTerminal() ? null : Now,
            Settings = new RunSettings
            {
                ScriptArguments = new Dictionary<string, string>(),
                Command = new JobCommand { Name = "pythonshell" },
                Timeout = 5,
                JobMode = "SCRIPT",
                LogGroupName = "/aws-glue/python-jobs",
            },
        };

    /// <summary>The examples of events, by the name they have in the table.</summary>
    public static IEnumerable<(string Name, RunEvent Event)> EventsFor(RunRecord run)
    {
        yield return ("taken up before its deadline or without one", new RunEvent.TakenUp());
        yield return ("admitted", new RunEvent.Admitted());
        yield return ("waits for something else", new RunEvent.StillWaiting("another limit"));
        yield return ("no room", new RunEvent.NoRoom("no room", run.Version));
        yield return ("launched", new RunEvent.Launched(Now));
        yield return ("launch failed", new RunEvent.LaunchFailed(Now, "no script"));
        yield return ("exited 0", new RunEvent.Exited(Now, 0, null, false));
        yield return ("exited 0 with an error", new RunEvent.Exited(Now, 0, "no bookmark", false));
        yield return ("exited 1", new RunEvent.Exited(Now, 1, "ValueError: x", false));
        yield return ("exited 0 after a stop", new RunEvent.Exited(Now, 0, null, true));
        // The times of files run behind the clock: an exit may seem older than the stop that caused it.
        yield return ("exited 143 after a stop", new RunEvent.Exited(Accepted, 143, "SIGTERM", true));
        yield return ("vanished", new RunEvent.Exited(Now, -1, "vanished", false));
        yield return ("stop requested", new RunEvent.StopRequested());
        yield return ("its deadline passed", new RunEvent.DeadlinePassed(run.State, run.DueAt ?? Now));
        yield return ("another deadline passed", new RunEvent.DeadlinePassed(run.State, Now.AddMinutes(-1)));
    }

    public static string Print()
    {
        var table = new StringBuilder();
        foreach (var state in States)
        {
            var run = RunIn(state);
            foreach (var (name, happened) in EventsFor(run))
            {
                // A run that is taken up after its deadline is the next state's business; see the example tests.
                var now = happened is RunEvent.TakenUp ? Accepted : Now;
                var decision = RunLifecycle.Decide(run, happened, now, Deadlines);
                if (decision is not RunDecision.Ignored)
                    table
                        .Append(state.ToGlueName())
                        .Append(" | ")
                        .Append(name)
                        .Append(" | ")
                        .AppendLine(Print(decision));
            }
        }

        return table.ToString().ReplaceLineEndings("\n");
    }

    private static string Print(RunDecision decision) =>
        decision switch
        {
            RunDecision.Moved { Next: var next } moved => string.Concat(
                next.State.ToGlueName(),
                next.EndsAs is { } end ? "→" + end.ToGlueName() : "",
                next.DueAt is { } due ? $" until {due - Accepted}" : "",
                next.ErrorMessage is { } error ? $" \"{error}\"" : "",
                string.Concat(moved.Effects.Select(e => " +" + e))
            ),
            RunDecision.Refused refused => $"refused \"{refused.Reason}\"",
            _ => throw new ArgumentOutOfRangeException(nameof(decision)),
        };
}
