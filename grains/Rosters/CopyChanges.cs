namespace GlueOrleans.Grains.Rosters;

/// <summary>Numbers the changes of a copy of the run table, and notes for the looks at the table that are under way what is
/// given back meanwhile. Between them it remembers nothing.</summary>
/// <remarks>Not safe for threads; a grain's turns are one after the other.</remarks>
public sealed class CopyChanges
{
    private readonly List<RosterRead> _reads = [];
    private long _last;

    /// <summary>The number of a change that is made now.</summary>
    public long Next() => ++_last;

    /// <summary>The number of the change that was made last.</summary>
    public long Last => _last;

    public void Released(string runId)
    {
        foreach (var read in _reads)
            read.Release(runId);
    }

    /// <summary>To be called before the table is read, and disposed of when the copy was corrected by it, or never will be.</summary>
    public RosterRead Begin()
    {
        var read = new RosterRead(this, _last);
        _reads.Add(read);
        return read;
    }

    internal void End(RosterRead read) => _reads.Remove(read);
}
