using System.Net;
using System.Net.Sockets;

namespace GlueOrleans.Tests.Support;

/// <summary>
/// Loopback ports that are free, below those that the system gives to connections (from 32768 on, on Linux): whoever is to
/// listen there again after a pause finds its port free.
/// </summary>
public static class FreePort
{
    private const int First = 10_000;
    private const int End = 32_000;
    private const int MostTries = 200;

    /// <summary>To this process: what is not listened on yet is not given again.</summary>
    private static readonly HashSet<int> Given = [];

    public static int Next() => With([0]);

    /// <summary>A port that is free together with those at these distances from it.</summary>
    /// <param name="offsets">Ports, 0 to 700.</param>
    public static int With(IReadOnlyList<int> offsets)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var port = Random.Shared.Next(First, End);
            if (Take([.. offsets.Select(offset => port + offset)]))
                return port;
        }

        throw new InvalidOperationException($"No free ports were found between {First} and {End}.");
    }

    private static bool Take(IReadOnlyList<int> ports)
    {
        lock (Given)
        {
            if (Given.Overlaps(ports) || !ports.All(IsFree))
                return false;
            Given.UnionWith(ports);
            return true;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
