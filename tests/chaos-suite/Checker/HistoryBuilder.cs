namespace GlueOrleans.Tests.ChaosSuite.Checker;

/// <summary>Histories for the tests of the checker: each call is one write, one mark, one answer later than the last.</summary>
internal sealed class HistoryBuilder
{
    private readonly List<RunVersion> _versions = [];
    private readonly Dictionary<(string Run, string Process), List<Mark>> _marks = [];
    private readonly List<Acknowledged> _acknowledged = [];
    private readonly Dictionary<string, JobRule> _jobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _ordinals = new(StringComparer.Ordinal);
    private double _now = 100;

    public HistoryBuilder AJob(string name, int maxConcurrentRuns = 1, int maxRetries = 0, bool hasBookmark = false)
    {
        _jobs[name] = new JobRule(name, maxConcurrentRuns, maxRetries) { HasBookmark = hasBookmark };
        return this;
    }

    public double Now => _now;

    /// <summary>The run's row becomes this.</summary>
    public HistoryBuilder Row(string run, string state, string job = "job", Func<RunVersion, RunVersion>? with = null)
    {
        var before = _versions.LastOrDefault(version => version.Id == run);
        if (!_ordinals.ContainsKey(run))
            _ordinals[run] = _ordinals.Count + 1;
        var version = new RunVersion(
            _versions.Count + 1,
            _now,
            run,
            job,
            _ordinals[run],
            (before?.Version ?? 0) + 1,
            state
        )
        {
            Node = state == "WAITING" ? null : "silo-1",
            Attempt = before?.Attempt ?? 0,
            PreviousRunId = before?.PreviousRunId,
        };
        _versions.Add(with?.Invoke(version) ?? version);
        return Later();
    }

    public HistoryBuilder Rows(string run, params string[] states)
    {
        foreach (var state in states)
            Row(run, state);
        return this;
    }

    /// <summary>The run's script makes a mark.</summary>
    public HistoryBuilder Mark(string run, string what, string detail = "", string process = "1")
    {
        if (!_marks.TryGetValue((run, process), out var marks))
            _marks.Add((run, process), marks = []);
        marks.Add(new Mark(what, _now, what == "start" && detail.Length == 0 ? "silo-1" : detail));
        return Later();
    }

    /// <summary>All of it, as it should be.</summary>
    public HistoryBuilder Success(string run, string job = "job") =>
        Row(run, "STARTING", job)
            .Mark(run, "start")
            .Row(run, "RUNNING", job)
            .Mark(run, "end", "0")
            .Row(run, "SUCCEEDED", job);

    public HistoryBuilder Answered(string run)
    {
        _acknowledged.Add(new Acknowledged(run, "job", _now));
        return Later();
    }

    public HistoryBuilder Later(double seconds = 1)
    {
        _now += seconds;
        return this;
    }

    public History Build() =>
        new()
        {
            Versions = _versions,
            Executions = [.. _marks.Select(marks => new Execution(marks.Key.Run, marks.Key.Process, marks.Value))],
            Acknowledged = _acknowledged,
            Jobs = _jobs,
        };
}
