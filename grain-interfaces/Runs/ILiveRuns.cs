namespace GlueOrleans.GrainInterfaces.Runs;

/// <summary>The runs that are going in this silo, as their grains know them: for those who only look on.</summary>
public interface ILiveRuns
{
    /// <summary>The run's row as last committed; <c>null</c>: it is not going, or not here, or a write of it is in doubt.</summary>
    RunRecord? Find(string runId);
}
