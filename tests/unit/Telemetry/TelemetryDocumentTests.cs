using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using GlueOrleans.Executors.Lease;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Grains;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Telemetry;
using GlueOrleans.Storage;
using GlueOrleans.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace GlueOrleans.Tests.Unit.Telemetry;

public sealed class TelemetryDocumentTests
{
    private const string Begin = "<!-- metrics: written by the unit suite, UPDATE_DOCS=1 tests/run unit -->";
    private const string End = "<!-- /metrics -->";

    private static readonly string Root = typeof(TelemetryDocumentTests)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "RepositoryRoot")
        .Value!;

    /// <summary>With UPDATE_DOCS=1 in the environment the table is written anew, to be reviewed.</summary>
    [Fact]
    public void The_page_about_telemetry_lists_what_is_measured()
    {
        var page = Path.Combine(Root, "docs", "telemetry.md");
        var text = File.ReadAllText(page);
        var (from, to) = (text.IndexOf(Begin, StringComparison.Ordinal), text.IndexOf(End, StringComparison.Ordinal));
        Assert.True(from >= 0 && to > from, $"docs/telemetry.md has no place for the table: {Begin} … {End}.");
        var written = text[..(from + Begin.Length)] + "\n\n" + Table() + "\n" + text[to..];
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            File.WriteAllText(page, written);
        else
            Assert.True(written == text, "docs/telemetry.md is stale: UPDATE_DOCS=1 tests/run unit writes it.");
    }

    [Fact]
    public void The_dashboard_shows_only_what_is_measured()
    {
        var dashboard = File.ReadAllText(Path.Combine(Root, "deploy", "grafana", "glue-orleans.json"));
        var known = Instruments().Select(PrometheusName).ToList();
        var shown = System
            .Text.RegularExpressions.Regex.Matches(dashboard, "glue_[a-z_]+")
            .Select(match => match.Value);
        Assert.All(
            shown.Distinct(),
            name => Assert.Contains(known, metric => name == metric || IsPartOf(name, metric))
        );
    }

    private static bool IsPartOf(string name, string histogram) =>
        name == histogram + "_bucket" || name == histogram + "_sum" || name == histogram + "_count";

    private static string Table()
    {
        var table = new StringBuilder("| metric | in Prometheus | kind | unit | |\n| --- | --- | --- | --- | --- |\n");
        foreach (var instrument in Instruments())
        {
            var kind = instrument.GetType().Name.Split('`')[0].Replace("Observable", "", StringComparison.Ordinal);
            table.Append(
                System.Globalization.CultureInfo.InvariantCulture,
                $"| `{instrument.Name}` | `{PrometheusName(instrument)}` | {kind.ToLowerInvariant()} | {instrument.Unit} | {instrument.Description} |\n"
            );
        }

        return table.ToString();
    }

    private static string PrometheusName(Instrument instrument) =>
        instrument.Name.Replace('.', '_')
        + (instrument.Unit == "s" ? "_seconds" : "")
        + (instrument.GetType().Name.StartsWith("Counter", StringComparison.Ordinal) ? "_total" : "");

    private static List<Instrument> Instruments()
    {
        foreach (
            var holder in new[] { typeof(ApiMetrics), typeof(RunMetrics), typeof(StorageMetrics), typeof(LeaseMetrics) }
        )
            RuntimeHelpers.RunClassConstructor(holder.TypeHandle);
        using var census = new RunCensusTaker(
            new NoRuns(),
            new MemoryExecutorNodes(TimeProvider.System, new MemoryRunStore()),
            new OneClock(TimeProvider.System),
            NullLogger<RunCensusTaker>.Instance
        );
        var found = new SortedDictionary<string, Instrument>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == Silo.Telemetry.TelemetryRegistration.Meter)
                    found[instrument.Name] = instrument;
            },
        };
        listener.Start();
        return [.. found.Values];
    }

    private sealed class NoRuns : IRunCensus
    {
        public Task<IReadOnlyList<CensusLine>> Count() => Task.FromResult<IReadOnlyList<CensusLine>>([]);
    }
}
