using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace GlueOrleans.Benchmarks.Load.Measuring;

/// <summary>What was measured, for people and for programs.</summary>
internal sealed class Report(TimeProvider clock)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // A ratio of nothing is no number.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly DateTimeOffset _begunOn = clock.GetUtcNow();
    private readonly string _load = Cpus.Load();
    private readonly List<(IMeasure Measure, Comparison Comparison)> _comparisons = [];
    private readonly List<(IMeasure Measure, string Why)> _failures = [];

    /// <summary>What could not be measured, and why.</summary>
    public IReadOnlyList<(IMeasure Measure, string Why)> Failures => _failures;

    /// <summary>In the order of their numbers, which is not that in which they are taken.</summary>
    private IEnumerable<(IMeasure Measure, Comparison Comparison)> Comparisons =>
        _comparisons.OrderBy(c => c.Measure.Number);

    public bool IsAnyMissed => _comparisons.Any(c => c.Comparison.IsReached == false);

    /// <summary>Takes it. What cannot be measured does not keep others from it: they get nodes of their own.</summary>
    public async Task Add(IMeasure measure, Bench bench, CancellationToken cancellation)
    {
        bench.Say($"{measure.Number}: {measure.Title}");
        try
        {
            foreach (var comparison in await measure.Run(bench, cancellation))
                _comparisons.Add((measure, comparison));
        }
        catch (CannotMeasureException e)
        {
            _failures.Add((measure, e.Message));
            await bench.EndShared();
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            // A fault of ours or of what is measured: where it happened helps to find it.
            _failures.Add((measure, $"{e}"));
            await bench.EndShared();
        }
    }

    public void Write(IAnsiConsole console)
    {
        console.WriteLine(
            $"{Machine()}; load average {_load}; {_begunOn:yyyy-MM-dd HH:mm}Z; {CommandLine()}\n{Conditions}\n"
        );
        var table = new Table().MinimalBorder();
        table.AddColumns("#", "what", "system", "yardstick", "result (median of rounds)", "goal", "reached");
        foreach (var (measure, comparison) in Comparisons)
            table.AddRow([.. Row(measure, comparison).Select(Markup.Escape)]);
        console.Write(table);
        foreach (var (measure, comparison) in Comparisons.Where(c => c.Comparison.Note is not null))
            console.WriteLine($"{measure.Number}  {comparison.What}: {comparison.Note}");
        foreach (var (measure, why) in _failures)
            console.WriteLine($"{measure.Number}  NOT MEASURED: {measure.Title}: {why}");
    }

    public string ToJson() =>
        JsonSerializer.Serialize(
            new
            {
                Machine = Machine(),
                LoadAverage = _load,
                BegunOn = _begunOn,
                Command = CommandLine(),
                Conditions,
                Comparisons = Comparisons.Select(c => new
                {
                    c.Measure.Number,
                    c.Measure.Title,
                    c.Comparison.What,
                    c.Comparison.Unit,
                    c.Comparison.System,
                    c.Comparison.Yardstick,
                    c.Comparison.Goal,
                    c.Comparison.Results,
                    c.Comparison.Median,
                    c.Comparison.Min,
                    c.Comparison.Max,
                    c.Comparison.IsReached,
                    c.Comparison.Note,
                }),
                NotMeasured = _failures.Select(f => new
                {
                    f.Measure.Number,
                    f.Measure.Title,
                    f.Why,
                }),
            },
            Json
        );

    private const string Conditions =
        "PostgreSQL: fsync=on, synchronous_commit=on; SQLite: synchronous=FULL; requests are signed, and checked. Generator, node and "
        + "database share all CPUs.";

    private static string Machine() => $"{Environment.ProcessorCount} × {Cpus.Model()}, {Environment.OSVersion}";

    private static string CommandLine() => string.Join(' ', ["load", .. Environment.GetCommandLineArgs().Skip(1)]);

    private static string[] Row(IMeasure measure, Comparison comparison) =>
        [
            $"{measure.Number}",
            comparison.What,
            With(comparison.System, comparison.Unit),
            comparison.Yardstick is { } yardstick ? $"{With(yardstick, comparison.Unit)} {yardstick.Of}" : "–",
            comparison.Goal.Kind == GoalKind.Figure && comparison.Results.Count == 1
                ? Result(comparison, comparison.Median)
                : $"{Result(comparison, comparison.Median)} [{Result(comparison, comparison.Min)} – {Result(comparison, comparison.Max)}]",
            comparison.Goal switch
            {
                { Least: { } least } => $"≥ {Result(comparison, least)}",
                { Most: { } most } => $"≤ {Result(comparison, most)}",
                _ => "–",
            },
            comparison.IsReached switch
            {
                true => "yes",
                false => "NO",
                null => "–",
            },
        ];

    private static string With(Series series, string unit) => $"{Figure(series.Median)} {unit}";

    /// <summary>As the goal has it.</summary>
    private static string Result(Comparison comparison, double value) =>
        comparison.Goal.Kind switch
        {
            GoalKind.Ratio => $"{value.ToString("0.00", CultureInfo.InvariantCulture)} ×",
            GoalKind.Excess => $"{(value < 0 ? "–" : "+")}{Figure(Math.Abs(value))} {comparison.Unit}",
            _ => $"{Figure(value)} {comparison.Unit}",
        };

    /// <summary>With three digits that mean something, at least.</summary>
    private static string Figure(double value) =>
        value.ToString(
            Math.Abs(value) switch
            {
                >= 100 => "N0",
                >= 10 => "N1",
                _ => "N2",
            },
            CultureInfo.InvariantCulture
        );
}
