using System.Diagnostics.Metrics;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Grains.Telemetry;

/// <summary>What happens to runs, counted where it is committed. Described in docs/telemetry.md.</summary>
/// <remarks>Lengths are of the node's clock, as rows and users have them. No label is a job's or an account's: there are too
/// many of those.</remarks>
internal static class RunMetrics
{
    private static readonly Meter Meter = new(GlueMeter.Name);

    private static readonly InstrumentAdvice<double> UpToAnHour = new()
    {
        HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600],
    };

    private static readonly Counter<long> AcceptedRuns = Meter.CreateCounter<long>(
        "glue.run.accepted",
        "{run}",
        "Runs that were accepted: clients' starts, retries, restarts and triggers."
    );

    private static readonly Counter<long> EndedRuns = Meter.CreateCounter<long>(
        "glue.run.ended",
        "{run}",
        "Runs that have ended, by the state they ended in."
    );

    private static readonly Histogram<double> StartDuration = Meter.CreateHistogram(
        "glue.run.start.duration",
        "s",
        "Time from a run's acceptance to RUNNING, with what it waited.",
        advice: UpToAnHour
    );

    private static readonly Histogram<double> QueueDuration = Meter.CreateHistogram(
        "glue.run.queue.duration",
        "s",
        "Time from a run's acceptance until it left WAITING, by the state it then had.",
        advice: UpToAnHour
    );

    private static readonly Histogram<double> ExecutionDuration = Meter.CreateHistogram(
        "glue.run.execution.duration",
        "s",
        "Time from RUNNING to the end of a run, by the state it ended in.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 14400, 28800, 86400, 172800],
        }
    );

    /// <summary>The run's row was created.</summary>
    public static void Accepted(RunRecord run)
    {
        AcceptedRuns.Add(1);
        if (run.State.IsTerminal())
            Ended(run);
    }

    /// <summary>The run's row was changed from the one to the other.</summary>
    public static void Moved(RunRecord before, RunRecord now)
    {
        if (before.State == now.State)
            return;
        if (before.State == JobRunState.Waiting)
            QueueDuration.Record((now.LastModifiedOn - now.StartedOn).TotalSeconds, StateOf(now));
        if (before.RunningSince is null && now.RunningSince is { } since)
            StartDuration.Record((since - now.StartedOn).TotalSeconds);
        if (now.State.IsTerminal())
            Ended(now);
    }

    private static void Ended(RunRecord run)
    {
        EndedRuns.Add(1, StateOf(run));
        if (run is { RunningSince: { } since, CompletedOn: { } completed })
            ExecutionDuration.Record((completed - since).TotalSeconds, StateOf(run));
    }

    private static KeyValuePair<string, object?> StateOf(RunRecord run) => new("state", run.State.ToGlueName());
}
