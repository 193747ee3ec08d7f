using System.Diagnostics;
using System.Net;

namespace GlueOrleans.Benchmarks.Load.Generator;

/// <param name="Offered">Requests that came.</param>
/// <param name="HeldBack">Of these, not sent: each client waited for an answer already.</param>
/// <param name="AcceptedInTime">Answers that were there when the last one came.</param>
/// <param name="Tally">What became of them.</param>
/// <param name="Took">From the first that came to the last.</param>
/// <param name="Generator">What this process used, of one CPU.</param>
internal sealed record Outcome(
    long Offered,
    long HeldBack,
    long AcceptedInTime,
    Tally Tally,
    TimeSpan Took,
    double Generator
)
{
    /// <summary>Accepted requests a second.</summary>
    public double Goodput => AcceptedInTime / Took.TotalSeconds;
}

/// <summary>Sends requests for a while and says what became of them. It has a connection for each client, which stay open.</summary>
/// <remarks>It waits on threads of its own, since the one that reads the sockets goes on with whoever awaits them.</remarks>
internal sealed class Driver : IAsyncDisposable
{
    private readonly Connections _connections;
    private readonly TimeProvider _clock;

    private Driver(Connections connections, TimeProvider clock) => (_connections, _clock) = (connections, clock);

    /// <summary>Opens the connections.</summary>
    /// <param name="urls">Over which they are spread.</param>
    /// <param name="connections">How many.</param>
    /// <param name="clock">Latencies are measured by.</param>
    /// <exception cref="InvalidOperationException">They do not open.</exception>
    public static async Task<Driver> Open(IReadOnlyList<Uri> urls, int connections, TimeProvider clock)
    {
        var opening = new Connections([.. urls.Select(EndPoint)], connections, clock);
        try
        {
            await opening.AllOpen.WaitAsync(Tally.Patience, clock);
            return new Driver(opening, clock);
        }
        catch (TimeoutException)
        {
            await opening.DisposeAsync();
            throw new InvalidOperationException(
                $"{connections} connections to {string.Join(", ", urls)} could not be opened within {Tally.Patience.TotalSeconds} s."
            );
        }
    }

    /// <summary>So many callers, each of whom sends its next request when it has its answer.</summary>
    /// <param name="callers">Not more than there are connections.</param>
    /// <param name="duration">How long.</param>
    /// <param name="next">Makes requests, one at a time.</param>
    public Task<Outcome> Closed(int callers, TimeSpan duration, Func<Request> next) =>
        Watch(() =>
        {
            _connections.Close(callers, next);
            using var never = new ManualResetEvent(initialState: false);
            never.WaitOne(duration);
            return null;
        });

    /// <summary>Requests that come whatever becomes of those before (<see cref="Arrivals"/>).</summary>
    /// <param name="rate">A second.</param>
    /// <param name="duration">How long.</param>
    /// <param name="next">Makes requests, one at a time.</param>
    /// <param name="random">When they come.</param>
    public Task<Outcome> Open(double rate, TimeSpan duration, Func<Request> next, Random random) =>
        Watch(() => new Arrivals(_connections, _clock, random).Send(rate, duration, next));

    public ValueTask DisposeAsync() => _connections.DisposeAsync();

    /// <param name="send">Answers with how many came; <c>null</c>: as many as were answered.</param>
    private Task<Outcome> Watch(Func<long?> send) =>
        Task.Factory.StartNew(
            () =>
            {
                var tally = new Tally(_clock);
                _connections.CountIn(tally);
                using var self = Process.GetCurrentProcess();
                var (begunAt, used) = (_clock.GetTimestamp(), self.TotalProcessorTime);
                var offered = send();
                var took = _clock.GetElapsedTime(begunAt);
                var accepted = tally.Accepted;
                self.Refresh();
                var share = (self.TotalProcessorTime - used) / took;
                _connections.Settle();
                return new Outcome(offered ?? tally.Answered, _connections.HeldBack, accepted, tally, took, share);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );

    private static IPEndPoint EndPoint(Uri url) =>
        new(IPAddress.TryParse(url.Host, out var ip) ? ip : Dns.GetHostAddresses(url.Host)[0], url.Port);
}
