using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Executors;

/// <summary>
/// The launches that this node has refused. A refusal is believed whenever it arrives, and then the run is launched elsewhere:
/// so the same launch, asked for once more, must not be granted, however much room there is by now.
/// </summary>
/// <remarks>Not safe for threads.</remarks>
internal sealed class Refusals(TimeProvider time)
{
    /// <summary>Since a launch was last asked for. Whoever repeats one does so within seconds; and a call is not delivered any
    /// more when it has timed out.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    /// <summary>So many are not worth a look for old ones.</summary>
    private const int Few = 1000;

    private readonly Dictionary<string, (long Version, long At)> _refused = new(StringComparer.Ordinal);

    public void Add(RunRecord run)
    {
        if (_refused.Count >= Few)
        {
            foreach (var (runId, refused) in _refused)
            {
                if (time.GetElapsedTime(refused.At) > Kept)
                    _refused.Remove(runId);
            }
        }

        _refused[run.Id] = (run.Version, time.GetTimestamp());
    }

    /// <summary>Whether this very launch was refused: the run's row is as it was then, or older. A run that was admitted again
    /// has a later one.</summary>
    public bool Include(RunRecord run)
    {
        if (!_refused.TryGetValue(run.Id, out var refused))
            return false;
        if (run.Version > refused.Version)
        {
            _refused.Remove(run.Id);
            return false;
        }

        _refused[run.Id] = refused with { At = time.GetTimestamp() };
        return true;
    }
}
