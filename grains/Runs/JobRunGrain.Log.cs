using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using Microsoft.Extensions.Logging;

namespace GlueOrleans.Grains.Runs;

public sealed partial class JobRunGrain
{
    [LoggerMessage(1, LogLevel.Information, "{Job}: run {RunId} went from {From} to {To}.")]
    private partial void LogMoved(string runId, JobKey job, JobRunState from, JobRunState to);

    [LoggerMessage(2, LogLevel.Debug, "Run {RunId} was not moved by {Event}: {Decision}")]
    private partial void LogNotMoved(string runId, string @event, RunDecision decision);

    [LoggerMessage(3, LogLevel.Error, "Run {RunId}: {Effect} failed. It is tried again on the next activation.")]
    private partial void LogEffectFailed(Exception exception, string runId, RunEffect effect);

    [LoggerMessage(4, LogLevel.Warning, "A {Report} report came for run {RunId}, which is not in the run table.")]
    private partial void LogUnknown(string runId, string report);
}
