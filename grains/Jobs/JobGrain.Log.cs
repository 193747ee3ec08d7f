using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Logging;

namespace GlueOrleans.Grains.Jobs;

public sealed partial class JobGrain
{
    [LoggerMessage(
        10,
        LogLevel.Warning,
        "{Job}: run {RunId} was not created: {Result}. The admission is claimed again."
    )]
    private partial void LogNotCreated(JobKey job, string runId, CreateResult result);

    [LoggerMessage(
        11,
        LogLevel.Warning,
        "{Job}: whether run {RunId} left the queue is not known; the next sweep looks."
    )]
    private partial void LogNotAdmitted(Exception exception, JobKey job, string runId);

    [LoggerMessage(12, LogLevel.Warning, "{Job}: a look at the queue failed; the next follows at once.")]
    private partial void LogPassFailed(Exception exception, JobKey job);

    [LoggerMessage(13, LogLevel.Debug, "{Job}: the grain of run {RunId} does not answer; its row is read.")]
    private partial void LogNotShown(Exception exception, JobKey job, string runId);
}
