using GlueOrleans.Grains.Rosters;

namespace GlueOrleans.Grains.Accounts;

/// <summary>A look at the run table for a <see cref="CapacityLedger"/>. What is known of a run's place in the queue and of what it
/// holds changes apart: it may be granted room while the table says of its place what it always said.</summary>
public sealed class LedgerRead(RosterRead held, RosterRead places) : IDisposable
{
    /// <summary>Of what runs hold.</summary>
    public RosterRead Held => held;

    /// <summary>Of their places in the queue.</summary>
    public RosterRead Places => places;

    public void Dispose()
    {
        held.Dispose();
        places.Dispose();
    }
}
