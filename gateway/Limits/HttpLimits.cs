using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Gateway.Limits;

/// <summary>The limits that the web server keeps by itself, before there is a request.</summary>
internal sealed class HttpLimits(IOptions<GatewayOptions> gateway, Backlog backlog)
    : IConfigureOptions<KestrelServerOptions>
{
    /// <summary>After it a client that sends, or takes, less than <see cref="GatewayOptions.MinBytesPerSecond"/> is cut off.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public void Configure(KestrelServerOptions options)
    {
        var (limits, given) = (options.Limits, gateway.Value);
        options.AddServerHeader = false;
        limits.MaxConcurrentConnections = given.Connections;
        limits.MaxRequestLineSize = given.MaxRequestLineBytes;
        limits.MaxRequestHeadersTotalSize = given.MaxHeaderBytes;
        limits.MaxRequestHeaderCount = given.MaxHeaders;
        limits.RequestHeadersTimeout = given.HeadersTimeout;
        limits.KeepAliveTimeout = given.KeepAliveTimeout;
        limits.MinRequestBodyDataRate = new MinDataRate(given.MinBytesPerSecond, Grace);
        limits.MinResponseDataRate = new MinDataRate(given.MinBytesPerSecond, Grace);
        limits.Http2.MaxStreamsPerConnection = given.MaxStreamsPerConnection;
        options.ConfigureEndpointDefaults(endpoint => endpoint.Use(backlog.Counting));
    }
}
