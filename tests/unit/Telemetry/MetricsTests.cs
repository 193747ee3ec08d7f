using System.Diagnostics.Metrics;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Telemetry;
using GlueOrleans.Tests.Unit.Gateway.Support;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.Unit.Telemetry;

/// <summary>Other tests measure too, at the same time: so what is looked for is that a measurement is among them.</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly List<(string Name, double Value, string Labels)> _measured = [];
    private readonly MeterListener _listener = new()
    {
        InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "GlueOrleans")
                listener.EnableMeasurementEvents(instrument);
        },
    };

    public MetricsTests()
    {
        _listener.SetMeasurementEventCallback<double>((i, value, labels, _) => Keep(i, value, labels));
        _listener.SetMeasurementEventCallback<long>((i, value, labels, _) => Keep(i, value, labels));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void A_run_is_counted_and_timed_from_its_acceptance_to_its_end()
    {
        RunRecord waiting = ARun().InState(JobRunState.Waiting);
        var starting = waiting.With(JobRunState.Starting, waiting.StartedOn.AddSeconds(7.25));
        var since = waiting.StartedOn.AddSeconds(9.25);
        var running = starting.With(JobRunState.Running, since) with { RunningSince = since };
        var ended = running.With(JobRunState.Timeout, since.AddSeconds(77)) with { CompletedOn = since.AddSeconds(77) };

        RunMetrics.Accepted(waiting);
        RunMetrics.Moved(waiting, starting);
        RunMetrics.Moved(starting, running);
        RunMetrics.Moved(running, running);
        RunMetrics.Moved(running, ended);

        Assert.Contains(("glue.run.accepted", 1, ""), Measured());
        Assert.Contains(("glue.run.queue.duration", 7.25, "state=STARTING"), Measured());
        Assert.Contains(("glue.run.start.duration", 9.25, ""), Measured());
        Assert.Contains(("glue.run.ended", 1, "state=TIMEOUT"), Measured());
        Assert.Contains(("glue.run.execution.duration", 77, "state=TIMEOUT"), Measured());
    }

    [Fact]
    public async Task A_call_is_counted_under_its_operation_and_error_and_an_unknown_one_under_no_name_of_its_own()
    {
        await using var gateway = await GatewayOnLoopback.Start();
        await gateway.Post("AWSGlue.ListUsageProfiles", "{}");
        await gateway.Post("AWSGlue.GetUsageProfile", """{"Name":"none"}""");
        await gateway.Post("AWSGlue.NoSuchThing", "{}");

        var calls = Measured().Where(m => m.Name == "glue.api.call.duration").Select(m => m.Labels).ToList();
        Assert.Contains("operation=ListUsageProfiles error=", calls);
        Assert.Contains("operation=GetUsageProfile error=EntityNotFoundException", calls);
        Assert.Contains("operation=unknown error=UnknownOperationException", calls);
        Assert.DoesNotContain(calls, labels => labels.Contains("NoSuchThing", StringComparison.Ordinal));
    }

    private List<(string Name, double Value, string Labels)> Measured()
    {
        lock (_measured)
            return [.. _measured];
    }

    private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var text = string.Join(' ', labels.ToArray().Select(label => $"{label.Key}={label.Value}"));
        lock (_measured)
            _measured.Add((instrument.Name, value, text));
    }
}

internal static class Moves
{
    public static RunRecord With(this RunRecord run, JobRunState state, DateTimeOffset at) =>
        run with
        {
            State = state,
            LastModifiedOn = at,
        };
}
