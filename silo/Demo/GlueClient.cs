using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace GlueOrleans.Silo.Demo;

/// <summary>A Glue client of a few lines, so that the demo goes the way every other client goes: over HTTP.</summary>
internal sealed class GlueClient(HttpClient http)
{
    /// <exception cref="GlueErrorException">The API answered with an error.</exception>
    public async Task<JsonObject> Call(string operation, JsonObject request, CancellationToken cancellation = default)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "/")
        {
            Content = new StringContent(request.ToJsonString(), new MediaTypeHeaderValue("application/x-amz-json-1.1")),
        };
        message.Headers.Add("X-Amz-Target", "AWSGlue." + operation);
        using var response = await http.SendAsync(message, cancellation);
        var answer = (
            await JsonNode.ParseAsync(
                await response.Content.ReadAsStreamAsync(cancellation),
                cancellationToken: cancellation
            )
        )!.AsObject();
        return response.IsSuccessStatusCode
            ? answer
            : throw new GlueErrorException(
                (string?)answer["__type"],
                (string?)(answer["Message"] ?? answer["message"])
            );
    }
}

internal sealed class GlueErrorException(string? code, string? message) : Exception($"{code}: {message}")
{
    public string? Code { get; } = code;
}
