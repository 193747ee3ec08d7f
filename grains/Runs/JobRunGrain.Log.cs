using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using Microsoft.Extensions.Logging;

namespace GlueOrleans.Grains.Runs;

public sealed partial class JobRunGrain
{
    [LoggerMessage(1, LogLevel.Information, "{Job}: {From} → {To}, run {RunId}")]
    private partial void LogMoved(string runId, JobKey job, string from, string to);

    [LoggerMessage(7, LogLevel.Warning, "{Job}: {State}: {ErrorMessage} Run {RunId}")]
    private partial void LogEndedBadly(string runId, JobKey job, string state, string? errorMessage);

    [LoggerMessage(2, LogLevel.Debug, "Run {RunId} was not moved by {Event}: {Decision}")]
    private partial void LogNotMoved(string runId, string @event, RunDecision decision);

    [LoggerMessage(3, LogLevel.Error, "Run {RunId}: {Effect} failed. It is tried again on the next activation.")]
    private partial void LogEffectFailed(Exception exception, string runId, RunEffect effect);

    [LoggerMessage(4, LogLevel.Warning, "A {Report} report came for run {RunId}, which is not in the run table.")]
    private partial void LogUnknown(string runId, string report);

    [LoggerMessage(5, LogLevel.Warning, "{Job}: run {RunId} was believed to be {Believed}; its row says {Found}.")]
    private partial void LogReloaded(string runId, JobKey job, JobRunState believed, JobRunState found);

    [LoggerMessage(6, LogLevel.Warning, "Run {RunId} waits for the run table to answer.")]
    private partial void LogStoreAway(Exception exception, string runId);

    [LoggerMessage(
        8,
        LogLevel.Warning,
        "Run {RunId}: a {Report} report of {Executor} came; the run is placed on {Own}."
    )]
    private partial void LogNotBelieved(string runId, string report, ExecutorTenure? executor, ExecutorTenure? own);
}
