using GlueOrleans.GrainInterfaces.Executors;
using Microsoft.Extensions.Logging;

namespace GlueOrleans.Executors;

internal static partial class ExecutorLog
{
    [LoggerMessage(101, LogLevel.Debug, "Run {RunId}: script launched under supervisor {Pid}.")]
    public static partial void Launched(this ILogger log, string runId, int pid);

    [LoggerMessage(102, LogLevel.Information, "Run {RunId}: taken up again, supervisor {Pid}.")]
    public static partial void FoundAgain(this ILogger log, string runId, int pid);

    [LoggerMessage(103, LogLevel.Warning, "Run {RunId}: was to be taken up, but was never launched here.")]
    public static partial void Abandoned(this ILogger log, string runId);

    [LoggerMessage(104, LogLevel.Debug, "Run {RunId}: SIGTERM sent, SIGKILL follows in {Grace} s.")]
    public static partial void Stopping(this ILogger log, string runId, double grace);

    [LoggerMessage(112, LogLevel.Information, "Run {RunId}: SIGTERM sent; it may take the time it needs.")]
    public static partial void Draining(this ILogger log, string runId);

    [LoggerMessage(105, LogLevel.Warning, "Run {RunId}: still there after the grace period, SIGKILL sent.")]
    public static partial void Killing(this ILogger log, string runId);

    [LoggerMessage(
        106,
        LogLevel.Error,
        "Run {RunId}: processes {Pids} survive SIGKILL; reported as gone nevertheless."
    )]
    public static partial void Undead(this ILogger log, string runId, string pids);

    [LoggerMessage(107, LogLevel.Debug, "Run {RunId}: exited with code {ExitCode}.")]
    public static partial void Exited(this ILogger log, string runId, int exitCode);

    [LoggerMessage(108, LogLevel.Error, "Run {RunId}: unexpected failure.")]
    public static partial void RequestFailed(this ILogger log, Exception exception, string runId);

    [LoggerMessage(109, LogLevel.Warning, "Trying again in {Delay:0.0} s: {Problem}")]
    public static partial void TryingAgain(this ILogger log, double delay, string? problem);

    [LoggerMessage(
        113,
        LogLevel.Warning,
        "Run {RunId}: not launched, since this node's lease is not certain; it is asked for again."
    )]
    public static partial void NotNow(this ILogger log, string runId);

    [LoggerMessage(114, LogLevel.Information, "Run {RunId}: {Request} was for {Executor}, which is over: ignored.")]
    public static partial void NotOurs(this ILogger log, string runId, string request, ExecutorTenure? executor);

    [LoggerMessage(115, LogLevel.Information, "Run {RunId}: this launch was refused before, and stays refused.")]
    public static partial void RefusedBefore(this ILogger log, string runId);

    [LoggerMessage(116, LogLevel.Warning, "Run {RunId}: {Passed}")]
    public static partial void LimitPassed(this ILogger log, string runId, string passed);

    [LoggerMessage(110, LogLevel.Debug, "Run {RunId}: could not be launched: {ErrorMessage}")]
    public static partial void LaunchFailed(this ILogger log, string runId, string errorMessage);
}
