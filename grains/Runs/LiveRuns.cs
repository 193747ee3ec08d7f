using System.Collections.Concurrent;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Grains.Runs;

/// <summary>The rows of the runs that are going in this silo, shown by their grains. Clients ask for the same runs every few
/// seconds: what is here costs them no call of a grain, and the grains no turn.</summary>
/// <remarks>A row is shown when it is committed, and not before. A silo that has been declared dead, and does not know it yet,
/// may for a moment show what another has changed since.</remarks>
public sealed class LiveRuns : ILiveRuns
{
    private readonly ConcurrentDictionary<string, RunRecord> _runs = new(StringComparer.Ordinal);

    public RunRecord? Find(string runId) => _runs.GetValueOrDefault(runId);

    internal void Show(RunRecord run) => _runs[run.Id] = run;

    internal void Hide(string runId) => _runs.TryRemove(runId, out _);
}
