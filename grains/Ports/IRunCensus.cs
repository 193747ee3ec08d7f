using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Grains.Ports;

/// <summary>What the runs of one state, and one execution class, come to.</summary>
/// <param name="State">Not a terminal one.</param>
/// <param name="IsFlex">Of execution class FLEX.</param>
/// <param name="Runs">How many there are.</param>
/// <param name="Dpus">What they hold, or in WAITING will hold, together.</param>
public sealed record CensusLine(JobRunState State, bool IsFlex, long Runs, double Dpus);

/// <summary>Counts the runs that have not ended, of all accounts, for those who watch the system.</summary>
public interface IRunCensus
{
    /// <summary>A line for each kind of run that there is. Reads only the rows of runs that have not ended.</summary>
    /// <exception cref="GrainInterfaces.StoreUnavailableException">As of <see cref="IRunStore"/>.</exception>
    Task<IReadOnlyList<CensusLine>> Count();
}
