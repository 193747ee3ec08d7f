namespace GlueOrleans.Grains.Upkeep;

/// <summary>
/// Something that one silo does for all, again and again: looks for work that was lost, and has it done. An object is there
/// for one term (<see cref="UpkeepLeader"/>); what it notes for its next round is forgotten with it.
/// </summary>
/// <remarks>Each round has to come to no harm if another silo does the same at the same time: terms may overlap for a
/// moment.</remarks>
public interface IUpkeepDuty
{
    /// <summary>How long to wait after a round, read after it. Wall time, &gt; 0.</summary>
    TimeSpan Period { get; }

    /// <summary>One round; the first comes at the beginning of the term. What it throws is logged, and the next round comes
    /// all the same.</summary>
    Task Round(CancellationToken ending);
}
