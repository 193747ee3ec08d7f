using System.Globalization;
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
    public async Task<int> Run()
    {
        var cpus = options.Pin ? Cpus.Separate() : null;
        await using var node =
            options.Urls.Count > 0 ? null : await LocalNode.Start(NodeProgram.Real, cpus, options.Settings);
        var urls = node is null ? options.Urls : [node.Url];
        console.WriteLine(
            Head(
                urls,
                node is null ? "not pinned"
                    : cpus is null ? "any CPU"
                    : $"CPU {cpus}, generator on CPU 0"
            )
        );

        var jobs = await Jobs.Create(urls[0], options.Credentials, options.Jobs, _clock);
        var factory = new RequestFactory(urls[0], options.Credentials, _clock);
        await using var driver = await Driver.Open(urls, options.Connections, _clock);
        return await Measure(new Bench(jobs, factory, driver, node));
    }

    private sealed record Bench(Jobs Jobs, RequestFactory Factory, Driver Driver, LocalNode? Node);

    /// <param name="Outcome">What the generator says.</param>
    /// <param name="Node">What the node used, of one CPU; <c>null</c>: it is not ours.</param>
    private sealed record Result(Outcome Outcome, double? Node)
    {
        public double Goodput => Outcome.Goodput;

        public Tally Tally => Outcome.Tally;
    }

    private async Task<int> Measure(Bench bench)
    {
        await Closed(bench, 32, WarmUp);
        var before = await Peak(bench);
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
            last = await Open(bench, multiple * before, options.Duration);
            table.AddRow(Row($"{multiple:0.#}x", last, before, bench.Node));
        }

        var after = await Peak(bench);
        console.Write(table);
        var peak = Math.Max(before, after);
        var part = last!.Goodput / peak;
        console.WriteLine(Text($"peak {before:N0}/s before, {after:N0}/s after; load average {Cpus.Load()}"));
        if (last.Outcome.Generator > BusyGenerator)
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
    private async Task<double> Peak(Bench bench)
    {
        var peak = 0.0;
        foreach (var callers in Callers)
        {
            var result = await Closed(bench, callers, options.Duration / 2);
            peak = Math.Max(peak, result.Goodput);
            console.WriteLine(
                Text(
                    $"closed loop, {callers, 3} callers: {result.Goodput, 7:N0}/s accepted, p50 {result.Tally.Latency(50):N1} ms, p99 {result.Tally.Latency(99):N1} ms, shed {result.Tally.Shed:N0}, errors {result.Tally.DescribeErrors()}, generator {result.Outcome.Generator:P0}"
                )
            );
        }

        return peak;
    }

    private Task<Result> Closed(Bench bench, int callers, TimeSpan duration) =>
        Watch(bench, mix => bench.Driver.Closed(callers, duration, mix.Next));

    private Task<Result> Open(Bench bench, double rate, TimeSpan duration) =>
        Watch(bench, mix => bench.Driver.Open(rate, duration, mix.Next, _random));

    private async Task<Result> Watch(Bench bench, Func<Mix, Task<Outcome>> send)
    {
        var (begunAt, used) = (_clock.GetTimestamp(), bench.Node?.CpuTime);
        var outcome = await send(bench.Jobs.Requests(bench.Factory, new Random(_random.Next())));
        return new Result(outcome, (bench.Node?.CpuTime - used) / _clock.GetElapsedTime(begunAt));
    }

    private static string[] Row(string load, Result result, double peak, LocalNode? node) =>
        [
            load,
            Text($"{result.Outcome.Offered / result.Outcome.Took.TotalSeconds:N0}"),
            Text($"{result.Goodput:N0}"),
            Text($"{result.Goodput / peak:P0}"),
            Text($"{result.Tally.AcceptedOf(Operation.StartJobRun) / result.Outcome.Took.TotalSeconds:N0}"),
            Text($"{result.Tally.Shed / result.Outcome.Took.TotalSeconds:N0}"),
            Text($"{result.Outcome.HeldBack / result.Outcome.Took.TotalSeconds:N0}"),
            result.Tally.DescribeErrors(),
            Text($"{result.Tally.Latency(50):N1}"),
            Text($"{result.Tally.Latency(99):N1}"),
            Text($"{result.Tally.Latency(100):N1}"),
            result.Node is { } share ? Text($"{share:P0}") : "–",
            Text($"{result.Outcome.Generator:P0}"),
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

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
