using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GlueOrleans.Tests.FuzzSuite.Hosts;

/// <summary>
/// A web server without a network, in place of Kestrel: a request goes through the host's whole pipeline on the thread of
/// whoever sends it. An exception that leaves the pipeline, which Kestrel would answer with a bare 500, is the sender's.
/// </summary>
internal sealed class PipelineServer : IServer
{
    private Func<IFeatureCollection, Task>? _process;

    public PipelineServer() => Features.Set<IServerAddressesFeature>(new ServerAddressesFeature());

    public IFeatureCollection Features { get; } = new FeatureCollection();

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        _process = async features =>
        {
            var context = application.CreateContext(features);
            try
            {
                await application.ProcessRequestAsync(context);
            }
            catch (Exception failure)
            {
                application.DisposeContext(context, failure);
                throw;
            }

            application.DisposeContext(context, exception: null);
        };
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() { }

    /// <param name="request">Has only what Kestrel would let pass: no control characters in headers.</param>
    /// <param name="body">How its bytes arrive; <c>null</c>: all at once.</param>
    public async Task<HttpAnswer> Send(HttpCase request, Stream? body = null)
    {
        var process = _process ?? throw new InvalidOperationException("The host has not been started.");
        var response = new Response();
        using var sent = new MemoryStream();
        var output = new StreamResponseBodyFeature(sent);
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(RequestOf(request, body ?? new MemoryStream(request.Body, writable: false)));
        features.Set<IHttpResponseFeature>(response);
        features.Set<IHttpResponseBodyFeature>(output);
        features.Set<IHttpConnectionFeature>(
            new HttpConnectionFeature
            {
                ConnectionId = "fuzz",
                LocalIpAddress = IPAddress.Loopback,
                RemoteIpAddress = IPAddress.Loopback,
            }
        );
        await process(features);
        await response.Start();
        await output.CompleteAsync();
        return new HttpAnswer(
            response.StatusCode,
            response.Headers.ToDictionary(
                header => header.Key,
                header => header.Value.ToString(),
                StringComparer.OrdinalIgnoreCase
            ),
            sent.ToArray()
        );
    }

    private static HttpRequestFeature RequestOf(HttpCase request, Stream body)
    {
        var question = request.Target.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? request.Target : request.Target[..question];
        var headers = new HeaderDictionary();
        foreach (var (name, value) in request.Headers)
            headers.Append(name, value);
        headers.ContentLength = request.Body.Length;
        return new HttpRequestFeature
        {
            Protocol = HttpProtocol.Http11,
            Scheme = "http",
            Method = request.Method,
            RawTarget = request.Target,
            Path = Uri.UnescapeDataString(path),
            QueryString = question < 0 ? "" : request.Target[question..],
            Headers = headers,
            Body = body,
        };
    }

    /// <summary>Keeps what is to be called before the first byte, as the default one does not.</summary>
    private sealed class Response : HttpResponseFeature
    {
        private readonly Stack<(Func<object, Task> Callback, object State)> _starting = [];

        public override void OnStarting(Func<object, Task> callback, object state) => _starting.Push((callback, state));

        public async Task Start()
        {
            while (_starting.TryPop(out var next))
                await next.Callback(next.State);
        }
    }
}
