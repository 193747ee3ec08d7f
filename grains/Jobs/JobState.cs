using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.Grains.Jobs;

/// <summary>What Orleans keeps for a job grain: its definition, under the state name <c>job</c>.</summary>
[GenerateSerializer, Alias("JobState")]
public sealed class JobState
{
    public const string StateName = "job";

    /// <summary><c>null</c>: no such job.</summary>
    [Id(0)]
    public JobDefinition? Definition { get; set; }
}
