using System.Text.Json.Serialization;
using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.Grains.Jobs;

/// <summary>What Orleans keeps for a job grain: its definition, under the state name <c>job</c> in the storage
/// <see cref="StorageName"/>.</summary>
[GenerateSerializer, Alias("JobState")]
public sealed class JobState
{
    public const string StateName = "job";
    public const string StorageName = "jobs";

    /// <summary><c>null</c>: no such job.</summary>
    [Id(0)]
    public JobDefinition? Definition { get; set; }
}

/// <summary>How a job is written to storage.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JobState))]
[JsonSerializable(typeof(JobSettings))]
public sealed partial class JobJson : JsonSerializerContext;
