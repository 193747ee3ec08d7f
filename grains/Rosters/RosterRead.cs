namespace GlueOrleans.Grains.Rosters;

/// <summary>
/// One look at the run table. While it is under way, messages change the copy it is to correct; what it read may be older
/// than they are, and this tells which.
/// </summary>
public sealed class RosterRead : IDisposable
{
    private readonly CopyChanges _changes;
    private readonly long _known;
    private readonly HashSet<string> _released = new(StringComparer.Ordinal);

    internal RosterRead(CopyChanges changes, long known) => (_changes, _known) = (changes, known);

    /// <summary>Whether the roster can speak about what came with this change: it was there when the read began.</summary>
    public bool Covers(long change) => change <= _known;

    /// <summary>Whether the run was given back since the read began: what the roster says of it is over.</summary>
    public bool MissesEndOf(string runId) => _released.Contains(runId);

    /// <summary>From here on releases are not noted any more.</summary>
    public void Dispose() => _changes.End(this);

    internal void Release(string runId) => _released.Add(runId);
}
