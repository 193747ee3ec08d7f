using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Jobs;

namespace GlueOrleans.Tests.Cluster;

/// <summary>
/// Watches the run table, write by write, and complains about every row that breaks a rule of admission. Knows nothing of
/// grains: only what was written, and what the jobs' definitions allow.
/// </summary>
internal sealed class Referee(string account, AccountLimits limits)
{
    private readonly Dictionary<string, RunRecord> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _jobLimits = new(StringComparer.Ordinal);

    /// <summary>In which state each run was when it ended, and as what it was to end.</summary>
    private readonly Dictionary<string, RunRecord?> _beforeEnd = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _nodes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _putBack = new(StringComparer.Ordinal);
    private readonly HashSet<string> _disturbed = new(StringComparer.Ordinal);
    private readonly List<(string Overtaken, string By)> _overtaken = [];
    private readonly List<string> _complaints = [];
    private readonly Lock _lock = new();

    public IReadOnlyList<string> Complaints
    {
        get
        {
            lock (_lock)
                return [.. _complaints];
        }
    }

    public IReadOnlyList<RunRecord> Rows
    {
        get
        {
            lock (_lock)
                return
                [
                    .. _rows.Values.OrderBy(run => run.Job.Name, StringComparer.Ordinal).ThenBy(run => run.Ordinal),
                ];
        }
    }

    public IReadOnlyList<RunRecord> Unfinished => [.. Rows.Where(run => !run.State.IsTerminal())];

    /// <summary>A job may run this many; while its limit is being changed, the higher one counts.</summary>
    public void Allows(string job, int runs)
    {
        lock (_lock)
            _jobLimits[job] = runs;
    }

    /// <summary>The node can hold this many runs; <c>null</c>: it may be given more, and has to refuse them, since the pool
    /// of executors has lost its memory or a message.</summary>
    public void Holds(string node, int? runs)
    {
        lock (_lock)
            _nodes[node] = runs ?? int.MaxValue;
    }

    public int Allowed(string job)
    {
        lock (_lock)
            return _jobLimits.GetValueOrDefault(job, 1);
    }

    public void Complain(string complaint)
    {
        lock (_lock)
            _complaints.Add(complaint);
    }

    /// <summary>A write of this run failed: others may pass it until it is tried again.</summary>
    public void Disturbed(string runId)
    {
        lock (_lock)
            _disturbed.Add(runId);
    }

    public void Saw(RunRecord? before, RunRecord after)
    {
        if (after.Job.Account != account)
            return;
        lock (_lock)
        {
            if (before is not null && before.State.IsTerminal())
                _complaints.Add($"ended twice: {before} became {after}");
            var holds = after.State.HoldsSlot();
            var begins = holds && before?.State.HoldsSlot() != true;
            if (begins)
                CheckOrder(after);
            if (before?.State.HoldsSlot() == true && after.State == JobRunState.Waiting)
                _putBack.Add(after.Id);
            if (after.State.IsTerminal())
                _beforeEnd[after.Id] = before;
            _rows[after.Id] = after;
            if (begins)
                CheckLimits(after);
            if (before is null && after.State == JobRunState.Waiting)
                AtMost(
                    limits.QueuedRuns,
                    Count(run => run.State == JobRunState.Waiting && !_putBack.Contains(run.Id)),
                    "queued",
                    after
                );
        }
    }

    /// <summary>To be called when nothing is on its way: who was overtaken must have begun by now.</summary>
    public void CheckNobodyWasOvertaken()
    {
        lock (_lock)
        {
            foreach (var (overtaken, by) in _overtaken)
            {
                if (
                    _rows[overtaken].State == JobRunState.Waiting
                    && !_disturbed.Contains(overtaken)
                    && !_putBack.Contains(overtaken)
                )
                    _complaints.Add($"{by} began before {_rows[overtaken]}");
            }

            _overtaken.Clear();
        }
    }

    /// <summary>At the very end: each failure that is to be retried was, once, and nothing else.</summary>
    public void CheckSuccessors()
    {
        foreach (var run in Rows)
        {
            var followers = Rows.Count(other => other.PreviousRunId == run.Id);
            var expected = IsRetried(run) ? 1 : 0;
            if (followers != expected)
                Complain($"{followers} runs instead of {expected} follow {run}");
        }
    }

    private bool IsRetried(RunRecord run) =>
        run.State == JobRunState.Failed
        && run.Attempt < run.Settings.MaxRetries
        && _beforeEnd[run.Id] is { } before
        && before.State != JobRunState.Waiting
        && before.EndsAs is null or JobRunState.Failed;

    private void CheckOrder(RunRecord begins)
    {
        // Retries are ahead of the queue.
        if (begins.Attempt > 0 || _putBack.Contains(begins.Id))
            return;
        foreach (
            var run in _rows.Values.Where(run =>
                run.Job == begins.Job
                && run.State == JobRunState.Waiting
                && run.Settings.IsFlex == begins.Settings.IsFlex
                && run.Ordinal < begins.Ordinal
                && !_putBack.Contains(run.Id)
            )
        )
            _overtaken.Add((run.Id, begins.Id));
    }

    private void CheckLimits(RunRecord begun)
    {
        AtMost(
            Math.Min(_jobLimits.GetValueOrDefault(begun.Job.Name, 1), limits.ConcurrentRunsPerJob),
            Count(run => run.Job == begun.Job && run.State.HoldsSlot()),
            $"runs of {begun.Job.Name}",
            begun
        );
        if (begun.Executor is { } executor)
            AtMost(
                _nodes.GetValueOrDefault(executor.Node, int.MaxValue),
                Count(run => run.State.HoldsSlot() && run.Executor?.Node == executor.Node),
                $"runs on {executor.Node}",
                begun
            );
        AtMost(limits.ConcurrentRuns, Count(run => run.State.HoldsSlot()), "runs of the account", begun);
        AtMost(limits.TaskDpus, Dpus(flex: false), "task DPUs", begun);
        AtMost(limits.FlexDpus, Dpus(flex: true), "FLEX DPUs", begun);
    }

    private int Count(Func<RunRecord, bool> which) => _rows.Values.Count(which);

    private double Dpus(bool flex) =>
        _rows
            .Values.Where(run => run.State.HoldsSlot() && run.Settings.IsFlex == flex)
            .Sum(run => run.Settings.MaxCapacity);

    private void AtMost(double limit, double count, string what, RunRecord by)
    {
        if (count > limit)
            _complaints.Add($"{count} {what}, {limit} allowed, by {by}");
    }
}
