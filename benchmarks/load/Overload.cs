using System.Diagnostics;
using System.Globalization;
using System.Net;
using GlueOrleans.Benchmarks.Load.Generator;
using GlueOrleans.Benchmarks.Load.Target;
using Spectre.Console;

namespace GlueOrleans.Benchmarks.Load;

/// <param name="Urls">Of nodes that run already; none: one is started.</param>
/// <param name="Duration">Of one measurement.</param>
/// <param name="Connections">Open at a time.</param>
/// <param name="Jobs">That are started.</param>
/// <param name="Credentials">That requests are signed with.</param>
/// <param name="Pin">Whether generator and node get CPUs of their own.</param>
/// <param name="Settings">Of the node that is started.</param>
internal sealed record OverloadOptions(
    IReadOnlyList<Uri> Urls,
    TimeSpan Duration,
    int Connections,
    int Jobs,
    Credentials Credentials,
    bool Pin,
    IReadOnlyList<string> Settings
);

/// <summary>What a node makes of many times the load that it can carry.</summary>
/// <remarks>
/// First its peak: callers in closed loops, more and more of them, until it accepts no more. Then multiples of the peak in an
/// open loop, for so long that queues would show. It passes if at ten times the peak it still accepts
/// <see cref="LeastPart"/> of the peak. The peak is taken again at the end, and the higher one counts.
/// </remarks>
internal sealed class Overload(OverloadOptions options, IAnsiConsole console)
{
    private const double LeastPart = 0.8;
    private const int Seed = 77;

    /// <summary>A generator that has so little of its CPU left may not have sent what it was to send.</summary>
    private const double BusyGenerator = 0.95;

    private static readonly int[] Callers = [8, 16, 32, 64, 128, 256];
    private static readonly double[] Multiples = [1, 2, 5, 10];
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly Random _random = new(Seed);

    /// <returns>0: passed, 1: not.</returns>
    public int Run()
    {
        var cpus = options.Pin ? Cpus.Separate() : null;
        using var node = options.Urls.Count > 0 ? null : new LocalNode(cpus, options.Settings);
        var urls = node is null ? options.Urls : [node.Url];
        console.WriteLine(
            Head(
                urls,
                node is null ? "not pinned"
                    : cpus is null ? "any CPU"
                    : $"CPU {cpus}, generator on CPU 0"
            )
        );

        var jobs = Jobs.Create(urls[0], options.Credentials, options.Jobs, _clock).GetAwaiter().GetResult();
        var factory = new RequestFactory(urls[0], options.Credentials, _clock);
        var connections = new Connections([.. urls.Select(EndPoint)], options.Connections, _clock);
        try
        {
            if (!connections.AllOpen.Wait(Tally.Patience))
                throw new InvalidOperationException($"{options.Connections} connections could not be opened.");
            return Measure(new Bench(jobs, factory, connections, node));
        }
        finally
        {
            connections.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private sealed record Bench(Jobs Jobs, RequestFactory Factory, Connections Connections, LocalNode? Node);

    /// <param name="Offered">Requests that came.</param>
    /// <param name="HeldBack">Of these, not sent: each client waited for an answer already.</param>
    /// <param name="AcceptedInTime">Answers that were there when the last one came.</param>
    /// <param name="Tally">What became of them.</param>
    /// <param name="Took">From the first that came to the last.</param>
    /// <param name="Generator">Of one CPU.</param>
    /// <param name="Node">Of one CPU; <c>null</c>: it is not ours.</param>
    private sealed record Result(
        long Offered,
        long HeldBack,
        long AcceptedInTime,
        Tally Tally,
        TimeSpan Took,
        double Generator,
        double? Node
    )
    {
        public double Goodput => AcceptedInTime / Took.TotalSeconds;
    }

    private int Measure(Bench bench)
    {
        Closed(bench, 32, WarmUp);
        var before = Peak(bench);
        var table = new Table().MinimalBorder();
        table.AddColumns(
            "load",
            "offered/s",
            "accepted/s",
            "of peak",
            "StartJobRun/s",
            "shed/s",
            "held back/s",
            "errors"
        );
        table.AddColumns("p50 ms", "p99 ms", "max ms", "node CPU", "generator CPU", "node MB");
        Result? last = null;
        foreach (var multiple in Multiples)
        {
            last = Open(bench, multiple * before, options.Duration);
            table.AddRow(Row($"{multiple:0.#}x", last, before, bench.Node));
        }

        var after = Peak(bench);
        console.Write(table);
        var peak = Math.Max(before, after);
        var part = last!.Goodput / peak;
        console.WriteLine(Text($"peak {before:N0}/s before, {after:N0}/s after; load average {Cpus.Load()}"));
        if (last.Generator > BusyGenerator)
        {
            console.WriteLine(
                Text(
                    $"The generator was at its own limit: {Multiples[^1]:0}x was not offered in full; give it more CPUs."
                )
            );
        }

        console.WriteLine(
            Text(
                $"goodput at {Multiples[^1]:0}x is {part:P0} of the peak; goal {LeastPart:P0}: {(part >= LeastPart ? "reached" : "NOT reached")}"
            )
        );
        return part >= LeastPart ? 0 : 1;
    }

    /// <summary>The most requests a second that are accepted, however many callers it takes.</summary>
    private double Peak(Bench bench)
    {
        var results = Callers
            .Select(callers => (callers, Result: Closed(bench, callers, options.Duration / 2)))
            .ToList();
        foreach (var (callers, result) in results)
        {
            console.WriteLine(
                Text(
                    $"closed loop, {callers, 3} callers: {result.Goodput, 7:N0}/s accepted, p50 {result.Tally.Latency(50):N1} ms, p99 {result.Tally.Latency(99):N1} ms, shed {result.Tally.Shed:N0}, errors {result.Tally.DescribeErrors()}, generator {result.Generator:P0}"
                )
            );
        }

        return results.Max(r => r.Result.Goodput);
    }

    private Result Closed(Bench bench, int callers, TimeSpan duration) =>
        Watch(
            bench,
            mix =>
            {
                bench.Connections.Close(callers, mix.Next);
                using var never = new ManualResetEvent(initialState: false);
                never.WaitOne(duration);
                return -1;
            }
        );

    private Result Open(Bench bench, double rate, TimeSpan duration) =>
        Watch(bench, mix => new Arrivals(bench.Connections, _clock, _random).Send(rate, duration, mix.Next));

    private Result Watch(Bench bench, Func<Mix, long> send)
    {
        var tally = new Tally(_clock);
        var mix = bench.Jobs.Requests(bench.Factory, new Random(_random.Next()));
        bench.Connections.CountIn(tally);
        using var self = Process.GetCurrentProcess();
        var (begunAt, own, nodes) = (_clock.GetTimestamp(), self.TotalProcessorTime, bench.Node?.CpuTime);
        var offered = send(mix);
        var took = _clock.GetElapsedTime(begunAt);
        var accepted = tally.Accepted;
        self.Refresh();
        var (ownShare, nodeShare) = ((self.TotalProcessorTime - own) / took, (bench.Node?.CpuTime - nodes) / took);
        bench.Connections.Settle();
        var heldBack = bench.Connections.HeldBack;
        return new Result(offered < 0 ? tally.Answered : offered, heldBack, accepted, tally, took, ownShare, nodeShare);
    }

    private static string[] Row(string load, Result result, double peak, LocalNode? node) =>
        [
            load,
            Text($"{result.Offered / result.Took.TotalSeconds:N0}"),
            Text($"{result.Goodput:N0}"),
            Text($"{result.Goodput / peak:P0}"),
            Text($"{result.Tally.AcceptedOf(Operation.StartJobRun) / result.Took.TotalSeconds:N0}"),
            Text($"{result.Tally.Shed / result.Took.TotalSeconds:N0}"),
            Text($"{result.HeldBack / result.Took.TotalSeconds:N0}"),
            result.Tally.DescribeErrors(),
            Text($"{result.Tally.Latency(50):N1}"),
            Text($"{result.Tally.Latency(99):N1}"),
            Text($"{result.Tally.Latency(100):N1}"),
            result.Node is { } share ? Text($"{share:P0}") : "–",
            Text($"{result.Generator:P0}"),
            node is null ? "–" : Text($"{node.Memory / 1024 / 1024:N0}"),
        ];

    private string Head(IReadOnlyList<Uri> urls, string where) =>
        Text(
            $"""
            {string.Join(
                ", ",
                urls
            )}, {where}; {Environment.ProcessorCount} × {Cpus.Model()}, load average {Cpus.Load()}, {_clock.GetUtcNow():yyyy-MM-dd HH:mm}Z
            {options.Connections} connections, {options.Jobs} jobs, {Mix.PartOfStarts:P0} StartJobRun and {1
                - Mix.PartOfStarts:P0} GetJobRun, {options.Duration.TotalSeconds} s each; latency from when a request was due

            """
        );

    private static IPEndPoint EndPoint(Uri url) =>
        new(IPAddress.TryParse(url.Host, out var ip) ? ip : Dns.GetHostAddresses(url.Host)[0], url.Port);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
