using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Storage;

/// <summary>The settings column. Members that are null are left out; a member unknown to this version is ignored.</summary>
[JsonSerializable(typeof(RunSettings))]
internal sealed partial class RunSettingsJson : JsonSerializerContext
{
    /// <summary>Leaves letters as they are: the text goes into a database, never into a web page.</summary>
    internal static RunSettingsJson Compact { get; } =
        new(
            new JsonSerializerOptions
            {
                Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            }
        );
}
