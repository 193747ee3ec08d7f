using System.Diagnostics.Metrics;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>What clients asked for, and how it went. Described in docs/telemetry.md.</summary>
internal static class ApiMetrics
{
    private static readonly Meter Meter = new("GlueOrleans");

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "glue.api.call.duration",
        "s",
        "Calls of the API, from headers to answer, with what the gateway repeated, by operation and error code.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40],
        }
    );

    private static readonly Counter<long> Shed = Meter.CreateCounter<long>(
        "glue.api.shed",
        "{request}",
        "Requests that were told to come again, by what there were too many of: requests (worked on and waiting), bodies (in memory), rate (of one access key)."
    );

    /// <param name="operation">One of those that are served, <c>query</c> or <c>unknown</c>.</param>
    /// <param name="error">Its code; <c>null</c>: none.</param>
    /// <param name="duration">Of the whole call.</param>
    public static void Answered(string operation, string? error, TimeSpan duration)
    {
        // A label that is there for some only makes sums in Prometheus awkward; so "" stands for no error.
        Duration.Record(
            duration.TotalSeconds,
            new KeyValuePair<string, object?>("operation", operation),
            new KeyValuePair<string, object?>("error", error ?? "")
        );
    }

    /// <param name="reason">What there was too much of.</param>
    public static void WasShed(string reason) => Shed.Add(1, new KeyValuePair<string, object?>("reason", reason));
}
