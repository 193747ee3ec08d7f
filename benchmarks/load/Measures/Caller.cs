using System.Globalization;
using GlueOrleans.Benchmarks.Load.Generator;
using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>Calls a node, or an endpoint that takes the same requests, in a closed loop.</summary>
internal sealed class Caller : IAsyncDisposable
{
    /// <summary>A figure in which more than this was refused is not one.</summary>
    private const double MostRefused = 0.01;

    private const int Seed = 6;

    /// <summary>Of the warm-up: what is not faster by this from slice to slice has gained nothing.</summary>
    private const double Gain = 1.05;

    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1);

    private readonly Bench _bench;
    private readonly Uri _url;
    private readonly Jobs _jobs;
    private readonly Driver _driver;
    private readonly Func<TimeSpan> _cpuTime;
    private double _cpus;

    private Caller(Bench bench, Uri url, Jobs jobs, Driver driver, Func<TimeSpan> cpuTime) =>
        (_bench, _url, _jobs, _driver, _cpuTime) = (bench, url, jobs, driver, cpuTime);

    /// <summary>What became of the requests of the last try.</summary>
    public Outcome? Last { get; private set; }

    /// <summary>Latencies and CPUs of the last try.</summary>
    public string? Note =>
        Last is null
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"p50 {Last.Tally.Latency(50):N1} ms, p99 {Last.Tally.Latency(99):N1} ms; the node used {_cpus:P0} of a CPU, the generator {Last.Generator:P0}"
            );

    /// <param name="bench">Whose times and credentials it has.</param>
    /// <param name="node">That it calls.</param>
    /// <param name="connections">As many as callers at most.</param>
    /// <param name="jobs">Which its requests are about.</param>
    public static async Task<Caller> Open(Bench bench, LocalNode node, int connections, Jobs jobs) =>
        new(bench, node.Url, jobs, await Driver.Open([node.Url], connections, bench.Clock), () => node.CpuTime);

    /// <inheritdoc cref="Open(Bench, LocalNode, int, Jobs)"/>
    public static async Task<Caller> Open(Bench bench, ServerProcess endpoint, int connections, Jobs jobs) =>
        new(
            bench,
            endpoint.Url,
            jobs,
            await Driver.Open([endpoint.Url], connections, bench.Clock),
            () => endpoint.CpuTime
        );

    /// <summary>Calls until it goes no faster: .NET compiles what runs often, and better what runs more often. Not longer than
    /// <see cref="Bench.WarmUp"/>.</summary>
    /// <param name="callers">At a time.</param>
    /// <param name="operation">What they call.</param>
    /// <param name="areToEnd">Whether the runs that they start end at once, also those that others would leave RUNNING: all that are
    /// going cost a node something, and none is to be there before it is counted.</param>
    public async Task WarmUp(int callers, Operation operation, bool areToEnd = false)
    {
        var (best, sinceBest) = (0.0, 0);
        for (var time = TimeSpan.Zero; time < _bench.WarmUp && sinceBest * Slice < _bench.WarmFor; time += Slice)
        {
            var rate = (await Call(callers, operation, Slice, areToEnd)).Goodput;
            sinceBest = rate > best * Gain ? 0 : sinceBest + 1;
            best = Math.Max(best, rate);
        }
    }

    /// <summary>Requests a second that are answered with what was asked for.</summary>
    /// <param name="callers">At a time.</param>
    /// <param name="operation">What they call.</param>
    /// <param name="areToEnd">Whether the runs that they start end at once.</param>
    /// <exception cref="CannotMeasureException">Others than a few were not.</exception>
    public async Task<double> Rate(int callers, Operation operation, bool areToEnd = false)
    {
        var (begunAt, used) = (_bench.Clock.GetTimestamp(), _cpuTime());
        Last = await Call(callers, operation, _bench.Duration, areToEnd);
        _cpus = (_cpuTime() - used) / _bench.Clock.GetElapsedTime(begunAt);
        var refused = Last.Tally.Answered - Last.Tally.Accepted;
        if (refused > MostRefused * Last.Tally.Answered)
        {
            throw new CannotMeasureException(
                $"{refused} of {Last.Tally.Answered} requests were not answered with what they asked for: "
                    + $"{Last.Tally.Shed} {Tally.Throttled}, {Last.Tally.DescribeErrors()}."
            );
        }

        return Last.Goodput;
    }

    public ValueTask DisposeAsync() => _driver.DisposeAsync();

    private Task<Outcome> Call(int callers, Operation operation, TimeSpan duration, bool areToEnd = false)
    {
        var requests = _jobs.Of(new RequestFactory(_url, _bench.Credentials, _bench.Clock), operation, areToEnd);
        return _driver.Closed(callers, duration, Jobs.Any(requests, new Random(Seed)));
    }
}
