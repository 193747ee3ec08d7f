using System.Diagnostics.Metrics;
using GlueOrleans.Grains.Telemetry;

namespace GlueOrleans.Executors.Lease;

/// <summary>How a node fares with its lease. Described in docs/telemetry.md.</summary>
internal static class LeaseMetrics
{
    private static readonly Meter Meter = new(GlueMeter.Name);

    private static readonly Counter<long> Renewals = Meter.CreateCounter<long>(
        "glue.executor.lease.renewal",
        "{renewal}",
        "Tries of this node to renew its lease, by outcome: renewed, unanswered, lost."
    );

    private static readonly Counter<long> Losses = Meter.CreateCounter<long>(
        "glue.executor.lease.loss",
        "{loss}",
        "Leases that this node has lost, and ended all its scripts for."
    );

    public static void Renewed() => Renewals.Add(1, Outcome("renewed"));

    public static void Unanswered() => Renewals.Add(1, Outcome("unanswered"));

    public static void Refused() => Renewals.Add(1, Outcome("lost"));

    public static void Lost() => Losses.Add(1);

    private static KeyValuePair<string, object?> Outcome(string outcome) => new("outcome", outcome);
}
