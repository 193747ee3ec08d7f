using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Gateway.Operations;

/// <summary>Of a gateway that is no silo.</summary>
internal sealed class NoLiveRuns : ILiveRuns
{
    public RunRecord? Find(string runId) => null;
}
