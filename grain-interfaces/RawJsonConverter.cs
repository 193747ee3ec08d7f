using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GlueOrleans.GrainInterfaces;

/// <summary>Keeps a JSON value as the text it was, for members that are stored and echoed but never looked into.</summary>
public sealed class RawJsonConverter : JsonConverter<string>
{
    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var value = JsonDocument.ParseValue(ref reader);
        return value.RootElement.GetRawText();
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteRawValue(Encoding.UTF8.GetBytes(value), skipInputValidation: true);
}
