using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using GlueOrleans.Benchmarks.Load.Generator;
using GlueOrleans.Benchmarks.Load.Target;
using Spectre.Console;

namespace GlueOrleans.Benchmarks.Load;

/// <param name="Urls">Of nodes that run already; none: one is started.</param>
/// <param name="Operation">That is called.</param>
/// <param name="Callers">Of the closed loop.</param>
/// <param name="Rate">Of the open loop, a second; <c>null</c>: it is a closed one.</param>
/// <param name="Connections">Of the open loop.</param>
/// <param name="Duration">That is counted.</param>
/// <param name="WarmUp">Before that.</param>
/// <param name="Jobs">That are made for it.</param>
/// <param name="Credentials">That requests are signed with.</param>
/// <param name="Settings">Of the node that is started.</param>
/// <param name="Json">A file for the figures; <c>null</c>: none.</param>
internal sealed record LoadOptions(
    IReadOnlyList<Uri> Urls,
    Operation Operation,
    int Callers,
    double? Rate,
    int Connections,
    TimeSpan Duration,
    TimeSpan WarmUp,
    int Jobs,
    Credentials Credentials,
    IReadOnlyList<string> Settings,
    string? Json
);

/// <summary>Calls one operation for a while, and says how often and how soon it was answered.</summary>
internal sealed class Load(LoadOptions options, IAnsiConsole console)
{
    private const int Seed = 6;

    private static readonly double[] Percentiles = [50, 90, 99, 99.9, 100];
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly TimeProvider _clock = TimeProvider.System;

    /// <returns>0.</returns>
    public async Task<int> Run()
    {
        await using var node =
            options.Urls.Count > 0 ? null : await LocalNode.Start(NodeProgram.Real, cpus: null, options.Settings);
        var urls = node is null ? options.Urls : [node.Url];
        var jobs = await Jobs.Create(urls[0], options.Credentials, options.Jobs, _clock);
        var connections = options.Rate is null ? options.Callers : options.Connections;
        await using var driver = await Driver.Open(urls, connections, _clock);
        if (options.WarmUp > TimeSpan.Zero)
            await Send(driver, urls[0], jobs, options.WarmUp);
        await Show(urls, await Send(driver, urls[0], jobs, options.Duration));
        return 0;
    }

    private Task<Outcome> Send(Driver driver, Uri url, Jobs jobs, TimeSpan duration)
    {
        var requests = jobs.Of(new RequestFactory(url, options.Credentials, _clock), options.Operation);
        var next = Jobs.Any(requests, new Random(Seed));
        return options.Rate is { } rate
            ? driver.Open(rate, duration, next, new Random(Seed + 1))
            : driver.Closed(options.Callers, duration, next);
    }

    private async Task Show(IReadOnlyList<Uri> urls, Outcome outcome)
    {
        var loop = options.Rate is { } rate
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"open loop, {rate:N0}/s, latency from when a request was due"
            )
            : string.Create(CultureInfo.InvariantCulture, $"closed loop, {options.Callers} callers");
        var seconds = outcome.Took.TotalSeconds;
        var figures = new
        {
            Operation = $"{options.Operation}",
            Urls = urls,
            Loop = loop,
            BegunOn = _clock.GetUtcNow() - outcome.Took,
            Machine = $"{Environment.ProcessorCount} × {Cpus.Model()}",
            LoadAverage = Cpus.Load(),
            Seconds = seconds,
            OfferedPerSecond = outcome.Offered / seconds,
            AcceptedPerSecond = outcome.Goodput,
            HeldBackPerSecond = outcome.HeldBack / seconds,
            ShedPerSecond = outcome.Tally.Shed / seconds,
            outcome.Tally.Errors,
            GeneratorCpu = outcome.Generator,
            LatencyMilliseconds = outcome.Tally.Accepted == 0
                ? []
                : Percentiles.ToDictionary(
                    p => p.ToString(CultureInfo.InvariantCulture),
                    p => outcome.Tally.Latency(p)
                ),
        };
        console.WriteLine(
            $"{figures.Operation} at {string.Join(", ", urls)}; {loop}; {options.Duration.TotalSeconds} s; {figures.Machine}, load average "
                + $"{figures.LoadAverage}, {figures.BegunOn:yyyy-MM-dd HH:mm}Z"
        );
        var table = new Table().MinimalBorder();
        table.AddColumns("offered/s", "accepted/s", "shed/s", "held back/s", "errors", "generator CPU");
        foreach (var percentile in Percentiles)
            table.AddColumn(percentile == 100 ? "max ms" : Text($"p{percentile} ms"));
        table.AddRow([
            Text($"{figures.OfferedPerSecond:N0}"),
            Text($"{figures.AcceptedPerSecond:N0}"),
            Text($"{figures.ShedPerSecond:N0}"),
            Text($"{figures.HeldBackPerSecond:N0}"),
            Markup.Escape(outcome.Tally.DescribeErrors()),
            Text($"{outcome.Generator:P0}"),
            .. Percentiles.Select(percentile => Text($"{outcome.Tally.Latency(percentile):N2}")),
        ]);
        console.Write(table);
        if (options.Json is { } file)
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(figures, Format));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
