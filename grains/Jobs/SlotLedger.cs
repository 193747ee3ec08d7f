using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Grains.Jobs;

/// <summary>
/// A job's slots as its grain knows them: those held by committed runs, and those reserved for runs whose rows are being
/// written. A copy of what the run table says, made when the grain is activated and corrected from the table whenever it
/// would refuse a run.
/// </summary>
/// <remarks>Not safe for threads; a grain's turns are one after the other.</remarks>
public sealed class SlotLedger
{
    private readonly HashSet<string> _committed;
    private readonly HashSet<string> _reserved = new(StringComparer.Ordinal);
    private long _lastOrdinal;

    public SlotLedger(JobRoster roster)
    {
        _committed = new HashSet<string>(roster.SlotHolders, StringComparer.Ordinal);
        _lastOrdinal = roster.LastOrdinal;
    }

    public int SlotsHeld => _committed.Count + _reserved.Count;

    public bool Holds(string runId) => _committed.Contains(runId) || _reserved.Contains(runId);

    /// <summary>Holds a slot for a run whose row is about to be written so.</summary>
    public void Reserve(string runId) => _reserved.Add(runId);

    /// <summary>The place in the job's history of a run that is about to be created.</summary>
    public long NextOrdinal() => ++_lastOrdinal;

    /// <summary>The row is committed, or may be: a write whose outcome is unknown counts until the table says otherwise.</summary>
    public void Commit(string runId)
    {
        if (_reserved.Remove(runId))
            _committed.Add(runId);
    }

    /// <summary>The row was certainly not written.</summary>
    public void Abandon(string runId) => _reserved.Remove(runId);

    /// <summary>The run's row reads terminal. It may come before <see cref="Commit"/>: a short run can end while the answer
    /// of its creation is still on its way.</summary>
    public void Release(string runId)
    {
        _committed.Remove(runId);
        _reserved.Remove(runId);
    }

    /// <summary>The runs that a roster read from now on can speak about. Take it before reading.</summary>
    public IReadOnlyList<string> Known() => [.. _committed];

    /// <summary>Takes over what the table said. Runs that were not <paramref name="known"/> when the read began are left as
    /// they are: the roster may be older than they.</summary>
    public void Correct(IReadOnlyList<string> known, JobRoster roster)
    {
        var holders = new HashSet<string>(roster.SlotHolders, StringComparer.Ordinal);
        foreach (var runId in known)
        {
            if (!holders.Contains(runId))
                _committed.Remove(runId);
        }

        foreach (var runId in holders)
        {
            if (!_reserved.Contains(runId))
                _committed.Add(runId);
        }

        _lastOrdinal = Math.Max(_lastOrdinal, roster.LastOrdinal);
    }
}
