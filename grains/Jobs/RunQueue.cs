using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Rosters;

namespace GlueOrleans.Grains.Jobs;

/// <summary>
/// A job's runs that want a slot: those in WAITING, first come first served, and the retries and restarts that are owed.
/// A copy of what the run table says, corrected from it like <see cref="SlotLedger"/>.
/// </summary>
/// <remarks>Not safe for threads; a grain's turns are one after the other.</remarks>
public sealed class RunQueue
{
    /// <summary>By their ordinals, in arrays: they take a third of the room of a tree. Who leaves has those behind moved up, which is
    /// nothing beside the write that lets it go.</summary>
    private readonly SortedList<long, WaitingRun> _waiting = [];
    private readonly Dictionary<string, WaitingRun> _waitingById = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OwedRun> _owed = new(StringComparer.Ordinal);

    private readonly CopyChanges _changes = new();

    /// <summary>What the run that was added last waits for. Nearly all wait for the same, and share the text.</summary>
    private string? _stateDetail;

    /// <summary>Runs whose rows are being written as WAITING, with their kind and place.</summary>
    private readonly Dictionary<string, (bool IsFlex, long Ordinal)> _expected = new(StringComparer.Ordinal);

    public RunQueue(JobRoster roster)
    {
        foreach (var run in roster.Waiting)
            Add(run);
        foreach (var owed in roster.Owed)
            Owe(owed);
    }

    public bool IsEmpty => _waiting.Count == 0 && _owed.Count == 0;

    /// <summary>First come first; a copy, so that the queue may change while it is worked on.</summary>
    public IReadOnlyList<WaitingRun> Waiting => [.. _waiting.Values];

    /// <summary>Whether a run of this kind is ahead of one that comes now.</summary>
    public bool HasWaiting(bool isFlex) =>
        _waiting.Values.Any(run => run.IsFlex == isFlex) || _expected.Values.Any(run => run.IsFlex == isFlex);

    /// <summary>Whether a run of the same kind has an earlier place, and its row is still being written.</summary>
    public bool IsAwaiting(WaitingRun run) =>
        _expected.Values.Any(expected => expected.IsFlex == run.IsFlex && expected.Ordinal < run.Ordinal);

    /// <summary>Whether a run of the same kind came before this one, besides those that can never start.</summary>
    public bool HasBefore(WaitingRun run, IReadOnlySet<string> besides) =>
        _waiting
            .Values.TakeWhile(other => other.Ordinal < run.Ordinal)
            .Any(other => other.IsFlex == run.IsFlex && !besides.Contains(other.Id));

    /// <summary>The next one of the same kind.</summary>
    public WaitingRun? NextAfter(WaitingRun run) =>
        _waiting.Values.FirstOrDefault(other => other.Ordinal > run.Ordinal && other.IsFlex == run.IsFlex);

    public bool Contains(string runId) => _waitingById.ContainsKey(runId);

    /// <summary>A run's row is about to be written as WAITING: it is ahead of whoever comes from now on.</summary>
    /// <param name="runId">Which run.</param>
    /// <param name="isFlex">Its kind.</param>
    /// <param name="ordinal">Its place; while it has none, those that have one are before it.</param>
    public void Expect(string runId, bool isFlex, long ordinal = long.MaxValue) => _expected[runId] = (isFlex, ordinal);

    /// <summary>The row was not written, or not so.</summary>
    public void Abandon(string runId) => _expected.Remove(runId);

    public void Add(WaitingRun run)
    {
        // What was read from the table again has texts of its own. Those that are here stay: the account has the same id.
        if (_waitingById.TryGetValue(run.Id, out var known))
            run = run with { Id = known.Id };
        if (run.StateDetail == _stateDetail)
            run = run with { StateDetail = _stateDetail };
        _stateDetail = run.StateDetail;
        _expected.Remove(run.Id);
        // Nearly all of a look are as they were at the last, and many looks may be under way.
        if (run == known)
            return;
        if (known is not null && known.Ordinal != run.Ordinal)
            _waiting.Remove(known.Ordinal);
        _waiting[run.Ordinal] = run;
        _waitingById[run.Id] = run;
        _changes.Changed(run.Id);
    }

    public void Remove(string runId)
    {
        RemoveHere(runId);
        _changes.Released(runId);
    }

    private void RemoveHere(string runId)
    {
        if (_waitingById.Remove(runId, out var waiting))
            _waiting.Remove(waiting.Ordinal);
    }

    public void Owe(OwedRun owed)
    {
        _owed[owed.PreviousRunId] = owed;
        _changes.Changed(owed.PreviousRunId);
    }

    /// <summary>The successor exists, or is not wanted any more.</summary>
    public void Settle(string previousRunId)
    {
        _owed.Remove(previousRunId);
        _changes.Released(previousRunId);
    }

    /// <summary>What is due now, the earliest first.</summary>
    public IReadOnlyList<OwedRun> OwedAt(DateTimeOffset now) =>
        [.. _owed.Values.Where(owed => owed.DueAt <= now).OrderBy(owed => owed.DueAt)];

    /// <summary>When the next one is due that is not yet; <c>null</c>: none is.</summary>
    public DateTimeOffset? NextDueAfter(DateTimeOffset now) =>
        _owed.Values.Where(owed => owed.DueAt > now).Min(owed => (DateTimeOffset?)owed.DueAt);

    /// <summary>A look at the table begins, for <see cref="Correct"/>.</summary>
    public RosterRead BeginRead() => _changes.Begin();

    /// <summary>Takes over what the table said. What was added or removed since the read began, and runs that hold a slot by
    /// now, are left as they are: the roster may be older.</summary>
    public void Correct(RosterRead read, JobRoster roster, SlotLedger slots)
    {
        var waiting = roster.Waiting.Select(run => run.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var runId in _waitingById.Keys.Where(runId => read.Covers(runId) && !waiting.Contains(runId)).ToList())
            RemoveHere(runId);

        var owed = roster.Owed.Select(run => run.PreviousRunId).ToHashSet(StringComparer.Ordinal);
        foreach (var runId in _owed.Keys.Where(runId => read.Covers(runId) && !owed.Contains(runId)).ToList())
            _owed.Remove(runId);

        foreach (var run in roster.Waiting.Where(run => !slots.Holds(run.Id) && !read.MissesEndOf(run.Id)))
            Add(run);
        foreach (var run in roster.Owed.Where(run => !read.MissesEndOf(run.PreviousRunId)))
            Owe(run);
    }
}
