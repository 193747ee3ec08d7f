using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Grains.Jobs;

/// <summary>
/// A job's runs that want a slot: those in WAITING, first come first served, and the retries and restarts that are owed.
/// A copy of what the run table says, corrected from it like <see cref="SlotLedger"/>.
/// </summary>
/// <remarks>Not safe for threads; a grain's turns are one after the other.</remarks>
public sealed class RunQueue
{
    private readonly SortedDictionary<long, WaitingRun> _waiting = [];
    private readonly Dictionary<string, WaitingRun> _waitingById = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OwedRun> _owed = new(StringComparer.Ordinal);

    /// <summary>Runs whose rows are being written as WAITING, with their kind.</summary>
    private readonly Dictionary<string, bool> _expected = new(StringComparer.Ordinal);

    public RunQueue(JobRoster roster)
    {
        foreach (var run in roster.Waiting)
            Add(run);
        foreach (var owed in roster.Owed)
            _owed[owed.PreviousRunId] = owed;
    }

    public bool IsEmpty => _waiting.Count == 0 && _owed.Count == 0;

    /// <summary>First come first; a copy, so that the queue may change while it is worked on.</summary>
    public IReadOnlyList<WaitingRun> Waiting => [.. _waiting.Values];

    /// <summary>Whether a run of this kind is ahead of one that comes now.</summary>
    public bool HasWaiting(bool isFlex) =>
        _waiting.Values.Any(run => run.IsFlex == isFlex) || _expected.ContainsValue(isFlex);

    public bool Contains(WaitingRun run) => _waitingById.ContainsKey(run.Id);

    /// <summary>A run's row is about to be written as WAITING: it is ahead of whoever comes from now on.</summary>
    public void Expect(string runId, bool isFlex) => _expected[runId] = isFlex;

    /// <summary>The row was not written, or not so.</summary>
    public void Abandon(string runId) => _expected.Remove(runId);

    public void Add(WaitingRun run)
    {
        Remove(run.Id);
        _expected.Remove(run.Id);
        _waiting[run.Ordinal] = run;
        _waitingById[run.Id] = run;
    }

    public void Remove(string runId)
    {
        if (_waitingById.Remove(runId, out var run))
            _waiting.Remove(run.Ordinal);
    }

    public void Owe(OwedRun owed) => _owed[owed.PreviousRunId] = owed;

    /// <summary>The successor exists, or is not wanted any more.</summary>
    public void Settle(string previousRunId) => _owed.Remove(previousRunId);

    /// <summary>What is due now, the earliest first.</summary>
    public IReadOnlyList<OwedRun> OwedAt(DateTimeOffset now) =>
        [.. _owed.Values.Where(owed => owed.DueAt <= now).OrderBy(owed => owed.DueAt)];

    /// <summary>When the next one is due that is not yet; <c>null</c>: none is.</summary>
    public DateTimeOffset? NextDueAfter(DateTimeOffset now) =>
        _owed.Values.Where(owed => owed.DueAt > now).Min(owed => (DateTimeOffset?)owed.DueAt);

    /// <summary>The runs that a roster read from now on can speak about. Take it before reading.</summary>
    public IReadOnlyList<string> Known() => [.. _waitingById.Keys, .. _owed.Keys];

    /// <summary>Takes over what the table said. Runs that were not <paramref name="known"/> when the read began, and those
    /// that hold a slot by now, are left as they are: the roster may be older.</summary>
    public void Correct(IReadOnlyList<string> known, JobRoster roster, SlotLedger slots)
    {
        var waiting = roster.Waiting.ToDictionary(run => run.Id, StringComparer.Ordinal);
        var owed = roster.Owed.ToDictionary(run => run.PreviousRunId, StringComparer.Ordinal);
        foreach (var runId in known)
        {
            if (!waiting.ContainsKey(runId))
                Remove(runId);
            if (!owed.ContainsKey(runId))
                _owed.Remove(runId);
        }

        foreach (var run in waiting.Values.Where(run => !slots.Holds(run.Id)))
            Add(run);
        foreach (var run in owed.Values)
            _owed[run.PreviousRunId] = run;
    }
}
