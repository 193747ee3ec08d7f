using System.Text.Json;
using GlueOrleans.Gateway;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Events;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Silo.Events;

/// <summary>Makes the documents and hands them to every sink there is.</summary>
internal sealed partial class RunEventPublisher(
    EventSinks sinks,
    IOptions<GatewayOptions> gateway,
    ILogger<RunEventPublisher> log
) : IRunEvents
{
    public void Ended(RunRecord run) => Publish(run, () => RunEventRules.Ended(run, gateway.Value.Region));

    public void Delayed(RunRecord run, DateTimeOffset at) =>
        Publish(run, () => RunEventRules.Delayed(run, at, gateway.Value.Region));

    private void Publish(RunRecord run, Func<RunEventDocument?> make)
    {
        if (sinks.IsEmpty)
            return;
        try
        {
            if (make() is not { } document)
                return;
            sinks.Offer(JsonSerializer.SerializeToUtf8Bytes(document, RunEventJson.Default.RunEventDocument));
        }
        catch (Exception e)
        {
            // The run's own way must not depend on who is told of it.
            LogNotPublished(e, run.Id);
        }
    }

    [LoggerMessage(42, LogLevel.Error, "The event of run {RunId} could not be made.")]
    private partial void LogNotPublished(Exception exception, string runId);
}
