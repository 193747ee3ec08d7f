using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GlueOrleans.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GlueOrleans.Tests.Unit.Gateway.Support;

/// <summary>The gateway on a real Kestrel at a free loopback port, over <see cref="FakeGrains"/>.</summary>
internal sealed class GatewayOnLoopback : IAsyncDisposable
{
    private readonly WebApplication _app;

    private GatewayOnLoopback(WebApplication app, FakeGrains grains)
    {
        (_app, Grains) = (app, grains);
        Address = new Uri(app.Urls.Single());
        Client = new HttpClient { BaseAddress = Address };
    }

    public FakeGrains Grains { get; }

    public Uri Address { get; }

    public IServiceProvider Services => _app.Services;

    public HttpClient Client { get; }

    /// <param name="configure">Services that go before the gateway's own.</param>
    public static async Task<GatewayOnLoopback> Start(Action<IServiceCollection>? configure = null)
    {
        var grains = new FakeGrains();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<IGrainFactory>(grains);
        configure?.Invoke(builder.Services);
        builder.Services.AddGlueGateway();
        var app = builder.Build();
        app.MapGlue();
        app.MapGet("/health", () => "fine");
        await app.StartAsync();
        return new GatewayOnLoopback(app, grains);
    }

    /// <summary>A POST as an SDK sends it.</summary>
    public Task<Answer> Post(string? target, string body, Action<HttpRequestMessage>? change = null) =>
        Post(target, new StringContent(body, Encoding.UTF8), change);

    public async Task<Answer> Post(string? target, HttpContent body, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = body };
        if (target is not null)
            request.Headers.Add("X-Amz-Target", target);
        change?.Invoke(request);
        using var response = await Client.SendAsync(request);
        return await Answer.Of(response);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}

/// <summary>A response, read to its end.</summary>
internal sealed record Answer(HttpStatusCode Status, string Body, IReadOnlyDictionary<string, string> Headers)
{
    public JsonNode Json => JsonNode.Parse(Body)!;

    public string? ErrorCode => (string?)Json["__type"];

    public static async Task<Answer> Of(HttpResponseMessage response) =>
        new(
            response.StatusCode,
            await response.Content.ReadAsStringAsync(),
            response
                .Headers.Concat(response.Content.Headers)
                .ToDictionary(
                    header => header.Key,
                    header => string.Join(",", header.Value),
                    StringComparer.OrdinalIgnoreCase
                )
        );
}
