using System.Diagnostics.Metrics;

namespace GlueOrleans.Storage;

/// <summary>How the store does. Described in docs/telemetry.md.</summary>
internal static class StorageMetrics
{
    private static readonly Meter Meter = new("GlueOrleans");

    private static readonly Histogram<int> BatchSize = Meter.CreateHistogram(
        "glue.store.batch.size",
        "{write}",
        "Writes that were committed together, by database.",
        advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] }
    );

    private static readonly Histogram<double> CommitDuration = Meter.CreateHistogram(
        "glue.store.commit.duration",
        "s",
        "Time that such a transaction took, by database and outcome.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
        }
    );

    /// <param name="database"><c>sqlite</c> or <c>postgresql</c>.</param>
    /// <param name="writes">Rows in the transaction; none: their conditions did not hold.</param>
    /// <param name="duration">Of the transaction.</param>
    /// <param name="succeeded">It was committed.</param>
    public static void Committed(string database, int writes, TimeSpan duration, bool succeeded)
    {
        var which = new KeyValuePair<string, object?>("database", database);
        if (succeeded && writes > 0)
            BatchSize.Record(writes, which);
        CommitDuration.Record(
            duration.TotalSeconds,
            which,
            new KeyValuePair<string, object?>("outcome", succeeded ? "committed" : "failed")
        );
    }
}
