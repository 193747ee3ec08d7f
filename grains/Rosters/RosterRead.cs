namespace GlueOrleans.Grains.Rosters;

/// <summary>
/// One look at the run table. While it is under way, messages change the copy it is to correct; what it read may be older
/// than they are, and this tells which.
/// </summary>
public sealed class RosterRead : IDisposable
{
    private readonly CopyChanges _changes;
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _released = new(StringComparer.Ordinal);

    internal RosterRead(CopyChanges changes) => _changes = changes;

    /// <summary>Whether the roster can speak about the run: what is known of it here was known when the read began.</summary>
    public bool Covers(string runId) => !_changed.Contains(runId);

    /// <summary>Whether the run was given back since the read began: what the roster says of it is over.</summary>
    public bool MissesEndOf(string runId) => _released.Contains(runId);

    /// <summary>From here on nothing is noted any more.</summary>
    public void Dispose() => _changes.End(this);

    internal void Change(string runId) => _changed.Add(runId);

    internal void Release(string runId) => _released.Add(runId);
}
