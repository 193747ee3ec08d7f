namespace GlueOrleans.Benchmarks.Load.Generator;

/// <summary>
/// Requests that come when they come, whatever becomes of those before (an open loop): their number in a time is Poisson
/// distributed. Latency counts from the instant at which a request was due, so that a node which keeps requests from being
/// sent does not look faster for it (no coordinated omission).
/// </summary>
internal sealed class Arrivals(Connections connections, TimeProvider clock, Random random)
{
    /// <summary>How often it looks what is due. What is due is sent up to so much late, which counts as latency.</summary>
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    /// <summary>Sends for so long, on this thread.</summary>
    /// <param name="rate">Requests a second.</param>
    /// <param name="duration">How long.</param>
    /// <param name="next">Makes them.</param>
    /// <returns>How many came.</returns>
    public long Send(double rate, TimeSpan duration, Func<Request> next)
    {
        using var never = new ManualResetEvent(initialState: false);
        var begunAt = clock.GetTimestamp();
        var ticksOfARequest = clock.TimestampFrequency / rate;
        var end = begunAt + (long)(duration.TotalSeconds * clock.TimestampFrequency);
        var due = begunAt + Gap();
        var sent = 0L;
        while (due < end)
        {
            var now = clock.GetTimestamp();
            if (now < due)
            {
                never.WaitOne(Tick);
                continue;
            }

            for (; due <= now && due < end; due += Gap())
            {
                connections.Offer(next(), (long)due);
                sent++;
            }
        }

        return sent;

        double Gap() => -Math.Log(1 - random.NextDouble()) * ticksOfARequest;
    }
}
