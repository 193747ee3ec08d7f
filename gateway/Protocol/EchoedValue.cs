using System.Text;
using System.Text.Json;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>How a rejected value appears in an error message: as Java prints it, and never longer than <see cref="MaxLength"/>.</summary>
internal static class EchoedValue
{
    /// <summary>UTF-16 units, before the dots that mark a cut.</summary>
    public const int MaxLength = 256;

    public static string Of(string value)
    {
        if (value.Length <= MaxLength)
            return value;
        var end = char.IsHighSurrogate(value[MaxLength - 1]) ? MaxLength - 1 : MaxLength;
        return value[..end] + "...";
    }

    /// <summary>A list as <c>[a, b]</c>, a map as <c>{k=v}</c>. Reads no further than what is shown.</summary>
    /// <param name="json">Well-formed JSON: the value alone.</param>
    public static string OfAggregate(ReadOnlySpan<byte> json)
    {
        var text = new StringBuilder();
        var reader = new Utf8JsonReader(json);
        var separate = false;
        while (text.Length <= MaxLength && reader.Read())
        {
            var closes = reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject;
            if (separate && !closes)
                text.Append(", ");
            text.Append(
                reader.TokenType switch
                {
                    JsonTokenType.StartArray => "[",
                    JsonTokenType.EndArray => "]",
                    JsonTokenType.StartObject => "{",
                    JsonTokenType.EndObject => "}",
                    JsonTokenType.PropertyName => reader.GetString() + "=",
                    JsonTokenType.String => reader.GetString(),
                    _ => Encoding.UTF8.GetString(reader.ValueSpan),
                }
            );
            separate =
                reader.TokenType
                    is not (JsonTokenType.StartArray or JsonTokenType.StartObject or JsonTokenType.PropertyName);
        }

        return Of(text.ToString());
    }
}
