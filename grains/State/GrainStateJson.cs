using System.Text.Json.Serialization;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Profiles;
using GlueOrleans.GrainInterfaces.SecurityConfigurations;
using GlueOrleans.Grains.Accounts;
using GlueOrleans.Grains.Jobs;

namespace GlueOrleans.Grains.State;

/// <summary>How grains' states are written to storage. A state that is not named here cannot be kept.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(JobState))]
[JsonSerializable(typeof(JobSettings))]
[JsonSerializable(typeof(AccountMap<SecurityConfiguration>))]
[JsonSerializable(typeof(AccountMap<UsageProfile>))]
public sealed partial class GrainStateJson : JsonSerializerContext
{
    /// <summary>The Orleans storage that all grains use. Only a name in this process: rows are told apart by the name of a
    /// state and the key of its grain.</summary>
    public const string StorageName = "grains";
}
