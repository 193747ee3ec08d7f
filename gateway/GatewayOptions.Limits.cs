using System.Globalization;
using GlueOrleans.Gateway.Limits;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Gateway;

/// <summary>How much of the node clients may take: what is more is refused, early and cheaply.</summary>
/// <remarks>
/// What a client sees: over a rate, a number of requests or the memory for bodies a <c>ThrottlingException</c>, which AWS's
/// clients repeat after a pause; for a body that is too large or too slow an error that says so. Headers that are too
/// large, too many or too slow are answered by the web server (431, 414, 408) without a body, and a connection too many is
/// closed without a word: there is no request yet that an answer in the protocol could be to.
/// </remarks>
public sealed partial class GatewayOptions
{
    /// <summary>How many requests that read, and how many that write, are worked on at a time.</summary>
    /// <remarks>
    /// Unit: requests of each kind, 0 to 10,000. Default 0: 32 for each core. As many again wait, for 5 seconds at most;
    /// the rest is refused by its headers alone. Two kinds, so that writes which wait for a slow disk keep no reads out.
    /// Too few leave the disk idle, since writes are committed in groups; too many make everybody wait.
    /// </remarks>
    public int MaxConcurrentRequests { get; set; }

    /// <summary>How many requests an access key (without credentials: an account) may make, in the long run.</summary>
    /// <remarks>
    /// Unit: requests a second on this node, 0 to 1,000,000. Default 0: any number. What is a fair share only who knows the
    /// clients can say, and the node as a whole is guarded by <see cref="MaxConcurrentRequests"/> in any case.
    /// </remarks>
    public int RequestsPerSecond { get; set; }

    /// <summary>How many it may make at once, after a pause.</summary>
    /// <remarks>Unit: requests, 0 to 1,000,000. Default 0: as many as in two seconds. Without <see cref="RequestsPerSecond"/>
    /// it means nothing.</remarks>
    public int RequestBurst { get; set; }

    /// <summary>How much memory the bodies of all requests may take together.</summary>
    /// <remarks>
    /// Unit: bytes, at least twice <see cref="MaxRequestBytes"/>. Default 64 MiB. The first 4 KiB of each are not counted,
    /// so that small requests are answered while large ones are not; they are bounded by <see cref="MaxConnections"/>.
    /// </remarks>
    public long MaxBodyBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How long a body may take to arrive.</summary>
    /// <remarks>Unit: wall time, 1 second to 10 minutes. Default 30 s, half of what AWS's clients wait for an answer.</remarks>
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How slowly a body may be sent, and an answer be taken, after the first 5 seconds.</summary>
    /// <remarks>Unit: bytes a second, 1 to 1,000,000. Default 240, as the web server has it.</remarks>
    public int MinBytesPerSecond { get; set; } = 240;

    /// <summary>How long the headers of a request may take to arrive.</summary>
    /// <remarks>Unit: wall time, 1 second to 10 minutes. Default 10 s.</remarks>
    public TimeSpan HeadersTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a connection may be idle, also before its first request.</summary>
    /// <remarks>Unit: wall time, 1 second to 1 hour. Default 130 s: longer than clients keep one, so that it is they who
    /// close it.</remarks>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(130);

    /// <summary>The largest request line, which has the method, the path and the query.</summary>
    /// <remarks>Unit: bytes, 1,024 to 1,048,576. Default 8,192.</remarks>
    public int MaxRequestLineBytes { get; set; } = 8 * 1024;

    /// <summary>The largest headers of a request, together.</summary>
    /// <remarks>Unit: bytes, 1,024 to 1,048,576. Default 32,768. A security token can take several thousand.</remarks>
    public int MaxHeaderBytes { get; set; } = 32 * 1024;

    /// <summary>The most headers of a request.</summary>
    /// <remarks>Unit: headers, 16 to 1,000. Default 100.</remarks>
    public int MaxHeaders { get; set; } = 100;

    /// <summary>The most connections that are open at a time, those for health, metrics and dashboard among them.</summary>
    /// <remarks>Unit: connections, 0 to 1,000,000. Default 0: half as many as the node may have files open, and at most
    /// 20,000. The other half is for databases, scripts and other nodes.</remarks>
    public int MaxConnections { get; set; }

    /// <summary>The most requests at a time on one connection of HTTP/2.</summary>
    /// <remarks>Unit: streams, 1 to 1,000. Default 100. HTTP/2 is spoken only over TLS.</remarks>
    public int MaxStreamsPerConnection { get; set; } = 100;

    internal int RequestsOfAKind =>
        MaxConcurrentRequests > 0 ? MaxConcurrentRequests : RequestsPerCore * Environment.ProcessorCount;

    internal int Burst => RequestBurst > 0 ? RequestBurst : 2 * RequestsPerSecond;

    internal int Connections => MaxConnections > 0 ? MaxConnections : Math.Min(MostConnections, OpenFiles.Limit / 2);

    private const int RequestsPerCore = 32;
    private const int MostConnections = 20_000;
}

/// <summary>Says at start-up which limit makes no sense, and what would.</summary>
internal sealed class GatewayLimitsValidator : IValidateOptions<GatewayOptions>
{
    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        var failures = new List<string>();
        Number(nameof(options.MaxConcurrentRequests), options.MaxConcurrentRequests, 0, 10_000);
        Number(nameof(options.RequestsPerSecond), options.RequestsPerSecond, 0, 1_000_000);
        Number(nameof(options.RequestBurst), options.RequestBurst, 0, 1_000_000);
        Number(nameof(options.MinBytesPerSecond), options.MinBytesPerSecond, 1, 1_000_000);
        Number(nameof(options.MaxRequestLineBytes), options.MaxRequestLineBytes, 1024, 1024 * 1024);
        Number(nameof(options.MaxHeaderBytes), options.MaxHeaderBytes, 1024, 1024 * 1024);
        Number(nameof(options.MaxHeaders), options.MaxHeaders, 16, 1000);
        Number(nameof(options.MaxConnections), options.MaxConnections, 0, 1_000_000);
        Number(nameof(options.MaxStreamsPerConnection), options.MaxStreamsPerConnection, 1, 1000);
        Time(nameof(options.BodyTimeout), options.BodyTimeout, TimeSpan.FromMinutes(10));
        Time(nameof(options.HeadersTimeout), options.HeadersTimeout, TimeSpan.FromMinutes(10));
        Time(nameof(options.KeepAliveTimeout), options.KeepAliveTimeout, TimeSpan.FromHours(1));
        if (options.MaxBodyBytes < 2L * options.MaxRequestBytes)
        {
            failures.Add(
                $"Gateway:{nameof(options.MaxBodyBytes)} is {options.MaxBodyBytes}: give at least twice "
                    + $"Gateway:{nameof(options.MaxRequestBytes)}, which is {options.MaxRequestBytes}, or lower that."
            );
        }

        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;

        void Number(string key, int value, int least, int most)
        {
            if (value < least || value > most)
                failures.Add($"Gateway:{key} is {value}: give a number from {least} to {most}.");
        }

        void Time(string key, TimeSpan value, TimeSpan most)
        {
            if (value < TimeSpan.FromSeconds(1) || value > most)
                failures.Add(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Gateway:{key} is {value}: give a time from 00:00:01 to {most}."
                    )
                );
        }
    }
}
