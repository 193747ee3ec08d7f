using System.Net;
using System.Text.Json.Nodes;

namespace GlueOrleans.Tests.Protocol.Support;

/// <summary>An answer as it came over the wire.</summary>
internal sealed record Answer(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public JsonObject Json => JsonNode.Parse(Body)!.AsObject();

    public string? ErrorCode => (string?)Json["__type"];

    /// <summary>Under either of its two names.</summary>
    public string ErrorMessage => (string?)(Json["Message"] ?? Json["message"]) ?? "";

    public static async Task<Answer> From(HttpResponseMessage response) =>
        new(
            response.StatusCode,
            response
                .Headers.Concat(response.Content.Headers)
                .ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase),
            await response.Content.ReadAsStringAsync()
        );

    public override string ToString() => $"{(int)Status} {Body}";
}
