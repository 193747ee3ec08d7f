using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.HostFiltering;

namespace GlueOrleans.Silo;

/// <summary>Where a node's web server listens, and that it may, and can.</summary>
internal static class Listening
{
    private static readonly string[] LoopbackNames = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>Tells the web server where to listen; answers where that is, as it was given.</summary>
    /// <param name="builder">The web server's.</param>
    /// <param name="given">On the command line.</param>
    /// <param name="defaultUrl">The command's.</param>
    /// <param name="asksForCredentials">Whether whoever calls has to prove who they are.</param>
    /// <param name="remedy">How to make the node do so.</param>
    /// <exception cref="StartupException">It is no URL, another machine's users would reach it, or it is in use.</exception>
    public static string On(
        WebApplicationBuilder builder,
        string? given,
        string defaultUrl,
        bool asksForCredentials,
        string remedy
    )
    {
        var configuration = builder.Configuration;
        var urls = Said(given) ?? Said(configuration[WebHostDefaults.ServerUrlsKey]) ?? defaultUrl;
        // With none the web server would listen where other settings say (ASPNETCORE_HTTP_PORTS), on every address.
        if (Split(urls).Length == 0)
            throw NoUrl(urls);
        Check(urls, asksForCredentials, remedy);
        // Kestrel's own section would listen where it says, whatever was checked above.
        if (configuration.GetSection("Kestrel:Endpoints").Exists())
            throw new StartupException("Kestrel:Endpoints is not used here: say where to listen with --urls or Urls.");
        RequireFree(urls);
        builder.WebHost.UseUrls(urls);
        // A page in a browser must not reach a node on its user's machine under a name of its own. A setting prevails.
        if (!asksForCredentials && configuration["AllowedHosts"] is null)
        {
            string[] names = [.. LoopbackNames, .. Split(urls).Select(url => Parse(url).Host)];
            builder.Services.Configure<HostFilteringOptions>(o => o.AllowedHosts = names);
        }

        return urls;
    }

    /// <summary>Sees that nobody but this machine's users can reach a node that runs scripts for whoever asks.</summary>
    /// <exception cref="StartupException">A URL is malformed, or names another address than it may.</exception>
    public static void Check(string urls, bool asksForCredentials, string remedy)
    {
        foreach (var url in Split(urls))
        {
            var address = Parse(url);
            // As the web server reads it: to it whatever is neither of the two is every address, "[127.0.0.1]" too.
            var isLoopback =
                address.Host == "localhost"
                || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));
            if (!isLoopback && !asksForCredentials)
            {
                throw new StartupException(
                    $"Refusing to listen on {url}: there are no credentials, so whoever reaches the node could run scripts "
                        + $"and see everything. {remedy} Or listen on a loopback address (127.0.0.1, localhost, [::1])."
                );
            }
        }
    }

    /// <summary>
    /// Finds a port that is taken before the silo starts, which else would have to be stopped again, noisily. Who takes it
    /// between this and the start is found there.
    /// </summary>
    /// <exception cref="StartupException">It is in use; what to do instead is the remedy.</exception>
    public static void RequireFree(IPAddress address, int port, string remedy)
    {
        using var listener = new TcpListener(address, port);
        try
        {
            listener.Start();
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new StartupException($"{remedy}", e);
        }
        catch (SocketException)
        {
            // Whatever else is wrong with it (an address family that is off) is the server's to say.
        }
    }

    public static StartupException InUse(string urls, Exception? cause = null) => new(InUseText(urls), cause);

    private static string InUseText(string urls) =>
        $"{urls} is in use, perhaps by another node. Stop that one, or listen elsewhere: --urls http://127.0.0.1:4581.";

    private static void RequireFree(string urls)
    {
        foreach (var url in Split(urls))
        {
            var address = Parse(url);
            if (address.Port == 0)
                continue;
            var ip =
                IPAddress.TryParse(address.Host, out var given) ? given
                : address.Host == "localhost" ? IPAddress.Loopback
                : IPAddress.Any;
            RequireFree(ip, address.Port, InUseText(url));
        }
    }

    private static BindingAddress Parse(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            if (address is { Scheme: "http", IsUnixPipe: false, IsNamedPipe: false, PathBase: "" })
                return address;
        }
        catch (FormatException)
        {
            // As below.
        }

        throw NoUrl(url);
    }

    private static StartupException NoUrl(string text) =>
        new($"'{text}' is not a URL to listen on: write --urls {NodeOptions.DefaultUrl}, say.");

    /// <summary>What is empty was not said: a variable that is not set, in a file that names it.</summary>
    private static string? Said(string? urls) => string.IsNullOrWhiteSpace(urls) ? null : urls;

    private static string[] Split(string urls) =>
        urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
