namespace GlueOrleans.Grains.Rosters;

/// <summary>Notes for the looks at the run table that are under way which of the runs in a copy of it have changed there, or
/// have left it, meanwhile. Between them it remembers nothing, so that a run in a copy costs no more than its entry.</summary>
/// <remarks>Not safe for threads; a grain's turns are one after the other.</remarks>
public sealed class CopyChanges
{
    private readonly List<RosterRead> _reads = [];

    /// <summary>Something is known of the run that a look at the table may have come too early for.</summary>
    public void Changed(string runId)
    {
        foreach (var read in _reads)
            read.Change(runId);
    }

    /// <summary>The run holds nothing any more.</summary>
    public void Released(string runId)
    {
        foreach (var read in _reads)
            read.Release(runId);
    }

    /// <summary>To be called before the table is read, and disposed of when the copy was corrected by it, or never will be.</summary>
    public RosterRead Begin()
    {
        var read = new RosterRead(this);
        _reads.Add(read);
        return read;
    }

    internal void End(RosterRead read) => _reads.Remove(read);
}
