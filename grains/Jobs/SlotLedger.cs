using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Rosters;

namespace GlueOrleans.Grains.Jobs;

/// <summary>
/// A job's slots as its grain knows them: those held by committed runs, and those reserved for runs whose rows are being
/// written. A copy of what the run table says, made when the grain is activated and corrected from the table whenever it
/// would refuse a run.
/// </summary>
/// <remarks>Not safe for threads; a grain's turns are one after the other.</remarks>
public sealed class SlotLedger
{
    private readonly HashSet<string> _committed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reserved = new(StringComparer.Ordinal);
    private long _lastOrdinal;

    private readonly CopyChanges _changes = new();

    public SlotLedger(JobRoster roster)
    {
        _committed.UnionWith(roster.SlotHolders);
        _lastOrdinal = roster.LastOrdinal;
    }

    public int SlotsHeld => _committed.Count + _reserved.Count;

    public bool Holds(string runId) => _committed.Contains(runId) || _reserved.Contains(runId);

    /// <summary>Whether the run's slot is one that the row read can speak about: not one that it was given later, or is just
    /// being given.</summary>
    public bool HasHeldSince(string runId, RosterRead read) =>
        _committed.Contains(runId) && read.Covers(runId) && !_reserved.Contains(runId);

    /// <summary>Holds a slot for a run whose row is about to be written so.</summary>
    public void Reserve(string runId) => _reserved.Add(runId);

    /// <summary>The place in the job's history of a run that is about to be created.</summary>
    public long NextOrdinal() => ++_lastOrdinal;

    /// <summary>The row is committed, or may be: a write whose outcome is unknown counts until the table says otherwise.</summary>
    public void Commit(string runId)
    {
        if (!_reserved.Remove(runId))
            return;
        _committed.Add(runId);
        _changes.Changed(runId);
    }

    /// <summary>The row was certainly not written.</summary>
    public void Abandon(string runId) => _reserved.Remove(runId);

    /// <summary>The run's row reads terminal. It may come before <see cref="Commit"/>: a short run can end while the answer
    /// of its creation is still on its way.</summary>
    public void Release(string runId)
    {
        _committed.Remove(runId);
        _reserved.Remove(runId);
        _changes.Released(runId);
    }

    /// <summary>A look at the table begins, for <see cref="Correct"/>.</summary>
    public RosterRead BeginRead() => _changes.Begin();

    /// <summary>Takes over what the table said. Runs that were committed or released since the read began are left as they
    /// are: the roster may be older than that.</summary>
    public void Correct(RosterRead read, JobRoster roster)
    {
        var holders = new HashSet<string>(roster.SlotHolders, StringComparer.Ordinal);
        _committed.RemoveWhere(runId => read.Covers(runId) && !holders.Contains(runId));
        _committed.UnionWith(holders.Where(runId => !_reserved.Contains(runId) && !read.MissesEndOf(runId)));

        _lastOrdinal = Math.Max(_lastOrdinal, roster.LastOrdinal);
    }
}
