using System.Net;

namespace GlueOrleans.Silo;

/// <summary>What the command line says about a node.</summary>
/// <param name="Data">The data folder; relative to the working directory.</param>
/// <param name="Urls">Where the gateway listens, as ASP.NET writes it; several are separated by semicolons.
/// <c>null</c>: what the configuration says, else the command's default.</param>
/// <param name="Settings">Configuration given on the command line: <c>--Section:Key=value</c>.</param>
internal sealed record NodeOptions(string? Data, string? Urls, IReadOnlyList<string> Settings)
{
    public const string DefaultUrl = "http://127.0.0.1:4580";
    public const string DefaultData = "glue-data";

    /// <summary>The configuration key of the data folder.</summary>
    public const string DataKey = "DataFolder";

    /// <summary>The sections that the node reads; a setting of another one is a typing error.</summary>
    public static readonly IReadOnlyList<string> Sections =
    [
        "Executor",
        "S3",
        "Runs",
        "Glue",
        "Gateway",
        "Limits",
        "Upkeep",
        "Clock",
        "Events",
        "Logging",
    ];

    public static IEnumerable<string> Split(string urls) =>
        urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Sees that nobody but this machine's users can reach the node, which runs scripts for whoever asks.</summary>
    /// <exception cref="StartupException">A URL is malformed, or names another address than a loopback one.</exception>
    public static void RequireLoopback(string urls)
    {
        foreach (var url in Split(urls))
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttp)
            {
                throw new StartupException($"'{url}' is not a URL to listen on: write --urls {DefaultUrl}, say.");
            }

            var isLoopback =
                address.Host == "localhost"
                || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
            if (!isLoopback)
            {
                throw new StartupException(
                    $"Refusing to listen on {url}: there is no authentication yet, so whoever reaches the node can run "
                        + "scripts on it. Listen on a loopback address (127.0.0.1, localhost, [::1]) and forward a port to it."
                );
            }
        }
    }
}
