using System.Net;
using System.Net.Http.Headers;
using GlueOrleans.Grains;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Silo.Events;

/// <summary>Posts each event to a URL, one after the other. A client's error (4xx) is not tried again, but for 408 and 429.</summary>
internal sealed class Webhook(Uri url, HttpMessageHandler transport, IWallClock wall, ILogger<Webhook> log)
    : EventSink(wall, log, batch: 1)
{
    private static readonly TimeSpan TimeToAnswer = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = new(transport) { Timeout = TimeToAnswer };

    protected override string Name => $"the webhook at {url.Host}";

    public static Webhook? Create(IServiceProvider services) =>
        services.GetRequiredService<IOptions<EventOptions>>().Value.WebhookUrl is { Length: > 0 } url
            ? new Webhook(
                new Uri(url),
                new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) },
                services.GetRequiredService<IWallClock>(),
                services.GetRequiredService<ILogger<Webhook>>()
            )
            : null;

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    protected override async Task Write(IReadOnlyList<byte[]> documents, CancellationToken cancellation)
    {
        foreach (var document in documents)
        {
            using var body = new ByteArrayContent(document)
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
            };
            using var answer = await _http.PostAsync(url, body, cancellation);
            answer.EnsureSuccessStatusCode();
        }
    }

    /// <remarks>HttpClient says that it has waited too long by cancelling.</remarks>
    protected override bool IsWorthAnotherTry(Exception exception) =>
        exception switch
        {
            HttpRequestException { StatusCode: HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests } =>
                true,
            HttpRequestException
            {
                StatusCode: >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError
            } => false,
            HttpRequestException => true,
            OperationCanceledException { InnerException: TimeoutException } => true,
            _ => false,
        };
}
