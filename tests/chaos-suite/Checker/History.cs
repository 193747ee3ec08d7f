namespace GlueOrleans.Tests.ChaosSuite.Checker;

/// <summary>One version of a row of the run table, as the database's trigger wrote it down.</summary>
/// <param name="Sequence">Rises with every write. A write that was decided on after another was committed comes after it.</param>
/// <param name="At">The machine's uptime in seconds, just before the commit.</param>
/// <param name="Id">The run's.</param>
/// <param name="Job">Its name.</param>
/// <param name="Ordinal">In the job's history.</param>
/// <param name="Version">Of the row.</param>
/// <param name="State">As Glue writes it.</param>
internal sealed record RunVersion(
    long Sequence,
    double At,
    string Id,
    string Job,
    long Ordinal,
    long Version,
    string State
)
{
    public string? EndsAs { get; init; }

    public int Attempt { get; init; }

    public string? PreviousRunId { get; init; }

    /// <summary>The executor node it is placed on.</summary>
    public string? Node { get; init; }

    public long? Epoch { get; init; }

    /// <summary>A successor is owed after it.</summary>
    public bool OwesSuccessor { get; init; }

    public string? ErrorMessage { get; init; }

    public bool IsDeleted { get; init; }

    public bool IsTerminal => State is not ("WAITING" or "STARTING" or "RUNNING" or "STOPPING");

    public bool HoldsSlot => State is "STARTING" or "RUNNING" or "STOPPING";

    public override string ToString() =>
        FormattableString.Invariant(
            $"{At, 10:0.00} #{Sequence} v{Version} {State}{(EndsAs is null ? "" : $"→{EndsAs}")} ordinal {Ordinal}{(Node is null ? "" : $" on {Node}/{Epoch}")}{(OwesSuccessor ? ", successor owed" : "")}{(ErrorMessage is null ? "" : $": {ErrorMessage}")}"
        );
}

/// <summary>What a script wrote down of itself. <c>start</c>, <c>beat</c>, <c>signal</c> or <c>end</c>.</summary>
internal sealed record Mark(string What, double At, string Detail);

/// <summary>One process of a script.</summary>
internal sealed record Execution(string RunId, string Process, IReadOnlyList<Mark> Marks)
{
    public double Begins => Marks[0].At;

    /// <summary>It certainly lived until here; perhaps a little longer.</summary>
    public double LastSeen => Marks[^1].At;

    public string Node => Marks.FirstOrDefault(mark => mark.What == "start")?.Detail ?? "?";

    /// <summary>Its own exit code, if it came to its end by itself.</summary>
    public string? EndedWith => Marks.FirstOrDefault(mark => mark.What == "end")?.Detail;

    public override string ToString() =>
        FormattableString.Invariant(
            $"process {Process} on {Node}: {Begins:0.00} to {LastSeen:0.00}{(EndedWith is null ? "" : $", ended with {EndedWith}")}{(Marks.Any(mark => mark.What == "signal") ? ", had SIGTERM" : "")}"
        );
}

/// <summary>What a job allows.</summary>
internal sealed record JobRule(string Name, int MaxConcurrentRuns, int MaxRetries = 0, bool HasTimeout = false)
{
    /// <summary>Each of its runs that succeeds writes a bookmark.</summary>
    public bool HasBookmark { get; init; }
}

/// <summary>An answer that a client got.</summary>
internal sealed record Acknowledged(string RunId, string Job, double At);

/// <summary>A time in which runs on a node may have failed through no fault of theirs.</summary>
/// <param name="Node"><c>null</c>: any.</param>
/// <param name="From">Uptime.</param>
/// <param name="Until">Uptime.</param>
/// <param name="Why">What was done to it.</param>
internal sealed record Harm(string? Node, double From, double Until, string Why);

/// <summary>All that a pass has left behind to be judged by.</summary>
internal sealed record History
{
    public IReadOnlyList<RunVersion> Versions { get; init; } = [];

    public IReadOnlyList<Execution> Executions { get; init; } = [];

    public IReadOnlyList<Acknowledged> Acknowledged { get; init; } = [];

    /// <summary>The runs whose stop was acknowledged as submitted.</summary>
    public IReadOnlyList<string> Stopped { get; init; } = [];

    public IReadOnlyList<Harm> Harms { get; init; } = [];

    /// <summary>The run of each bookmark entry in the database.</summary>
    public IReadOnlyList<string> BookmarkedBy { get; init; } = [];

    public IReadOnlyDictionary<string, JobRule> Jobs { get; init; } = new Dictionary<string, JobRule>();

    /// <summary>Runs at a time, of the account.</summary>
    public int AccountLimit { get; init; } = int.MaxValue;

    /// <summary>Processes at a time, of a node.</summary>
    public int NodeLimit { get; init; } = int.MaxValue;

    /// <summary>The last version of each run.</summary>
    public IReadOnlyDictionary<string, RunVersion> Last() =>
        ByRun().ToDictionary(run => run.Key, run => run.Value[^1], StringComparer.Ordinal);

    /// <summary>The versions of each run in order.</summary>
    public IReadOnlyDictionary<string, List<RunVersion>> ByRun() =>
        Versions
            .GroupBy(version => version.Id, StringComparer.Ordinal)
            .ToDictionary(
                run => run.Key,
                run => run.OrderBy(version => version.Sequence).ToList(),
                StringComparer.Ordinal
            );

    /// <summary>What there is to know of a run and of its other attempts, for whoever has to find out why.</summary>
    public string Describe(string runId)
    {
        var root = RootOf(runId);
        var lines = Versions
            .Where(version => RootOf(version.Id) == root)
            .OrderBy(version => version.Sequence)
            .Select(version => $"    {version.Job} {Suffix(version.Id)} {version}")
            .Concat(
                Executions
                    .Where(execution => RootOf(execution.RunId) == root)
                    .OrderBy(execution => execution.Begins)
                    .Select(execution => $"    {Suffix(execution.RunId)} {execution}")
            );
        return $"  {root}\n{string.Join('\n', lines)}";

        string Suffix(string id) => id.Length == root.Length ? "[attempt 0]" : $"[{id[(root.Length + 1)..]}]";
    }

    /// <summary>What all attempts of a run share.</summary>
    public static string RootOf(string runId) => runId.Split("_attempt_")[0].Split("_restart_")[0];
}

/// <summary>A promise that was broken.</summary>
/// <param name="Rule">Which one.</param>
/// <param name="What">How.</param>
/// <param name="RunId">Whose history shows it; <c>null</c>: no run's.</param>
internal sealed record Violation(string Rule, string What, string? RunId = null);
