using System.Text.Json;
using System.Text.Json.Serialization;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>Instants as AWS JSON has them: seconds since 1970-01-01 UTC, with up to three decimals.</summary>
/// <remarks>Never milliseconds: botocore fails ("year 52763 is out of range", glue-behaviour.md 1.2.3).</remarks>
internal sealed class EpochSecondsConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTimeOffset.FromUnixTimeMilliseconds((long)decimal.Round(reader.GetDecimal() * 1000m));

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.ToUnixTimeMilliseconds() / 1000m);
}
