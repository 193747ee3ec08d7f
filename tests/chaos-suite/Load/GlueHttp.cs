using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GlueOrleans.Tests.ChaosSuite.Cluster;

namespace GlueOrleans.Tests.ChaosSuite.Load;

/// <summary>What a call came to.</summary>
/// <param name="Error">The error's code; <c>null</c>: a good answer.</param>
/// <param name="Body">The answer.</param>
internal sealed record Answer(string? Error, JsonObject Body);

/// <summary>
/// A client as AWS's are: it repeats a call that got no answer, or a server's error, under the same invocation id, at whichever
/// gateway is next.
/// </summary>
internal sealed class GlueHttp(IReadOnlyList<ChaosNode> gateways) : IDisposable
{
    public const string Account = "123456789012";

    /// <summary>For one try: AWS's clients wait for a minute.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly HttpClient _http = new(
        new SocketsHttpHandler
        {
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
            ConnectTimeout = TimeSpan.FromSeconds(2),
        }
    )
    {
        Timeout = Patience,
    };
    private int _next;

    /// <summary>The answer, if there was one within this time; else <c>null</c>, and nobody knows what became of the call.</summary>
    public async Task<Answer?> Call(string operation, object request, TimeSpan within)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(request);
        var invocation = Guid.NewGuid().ToString();
        for (var until = Machine.Uptime + within.TotalSeconds; Machine.Uptime < until; )
        {
            if (await Try(operation, body, invocation) is { } answer)
                return answer;
            await Task.Delay(Pause, TimeProvider.System);
        }

        return null;
    }

    /// <summary>One try, at the next gateway; <c>null</c>: no answer, or one that says nothing.</summary>
    public async Task<Answer?> Try(string operation, byte[] body, string invocation)
    {
        var gateway = gateways[(int)((uint)Interlocked.Increment(ref _next) % (uint)gateways.Count)];
        using var request = new HttpRequestMessage(HttpMethod.Post, gateway.Url)
        {
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.1");
        request.Headers.Add("X-Amz-Target", $"AWSGlue.{operation}");
        request.Headers.Add("amz-sdk-invocation-id", invocation);
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential={Account}/20260101/us-east-1/glue/aws4_request, SignedHeaders=host, Signature=0"
        );
        try
        {
            using var response = await _http.SendAsync(request);
            var text = Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync());
            if (response.StatusCode == HttpStatusCode.OK)
                return new Answer(null, JsonNode.Parse(text)!.AsObject());
            if ((int)response.StatusCode >= 500)
                return null;
            var error = JsonNode.Parse(text)!.AsObject();
            var code = ((string?)error["__type"])?.Split('#')[^1] ?? text;
            // Glue has this one as a client's error; it says no more than a server's does.
            return code == "OperationTimeoutException" ? null : new Answer(code, error);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or IOException or JsonException)
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();
}
