using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Support;

/// <summary>An account's requests to a server: as bytes, as JSON, and in GlueUser.Jobs.cs as the steps that tests share.</summary>
internal sealed partial class GlueUser(ServerProcess server, string account)
{
    private static readonly HttpClient Http = new() { Timeout = Poll.Patience };

    public ServerProcess Server { get; } = server;

    public string Account { get; } = account;

    /// <summary>The answer, which must be a good one.</summary>
    public async Task<JsonObject> Call(string operation, object request)
    {
        var answer = await Try(operation, request);
        Assert.True((int)answer.Status == 200, $"{operation} {JsonSerializer.Serialize(request)}: {answer}");
        return answer.Json;
    }

    /// <summary>The answer, whatever it is.</summary>
    public Task<Answer> Try(string operation, object request) => Send(operation, JsonSerializer.Serialize(request));

    public Task<Answer> Send(string operation, string body) => Send(operation, Encoding.UTF8.GetBytes(body));

    public Task<Answer> Send(string operation, byte[] body) => Post($"AWSGlue.{operation}", new ByteArrayContent(body));

    /// <param name="target">X-Amz-Target; <c>null</c> = no such header.</param>
    /// <param name="content">The body.</param>
    /// <param name="with">What is special about this request.</param>
    public async Task<Answer> Post(string? target, HttpContent content, Action<HttpRequestMessage>? with = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Server.Url) { Content = content };
        content.Headers.ContentType ??= new MediaTypeHeaderValue("application/x-amz-json-1.1");
        if (target is not null)
            request.Headers.Add("X-Amz-Target", target);
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"AWS4-HMAC-SHA256 Credential={Account}/20260101/us-east-1/glue/aws4_request, SignedHeaders=host, Signature=0"
        );
        with?.Invoke(request);
        using var response = await Http.SendAsync(request);
        return await Answer.From(response);
    }
}
