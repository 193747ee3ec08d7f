using Microsoft.Extensions.Logging;

namespace GlueOrleans.Executors;

internal static partial class ExecutorLog
{
    [LoggerMessage(LogLevel.Information, "Run {RunId}: script launched under supervisor {Pid}.")]
    public static partial void Launched(this ILogger log, string runId, int pid);

    [LoggerMessage(LogLevel.Information, "Run {RunId}: taken up again, supervisor {Pid}.")]
    public static partial void FoundAgain(this ILogger log, string runId, int pid);

    [LoggerMessage(LogLevel.Warning, "Run {RunId}: was to be taken up, but was never launched here.")]
    public static partial void Abandoned(this ILogger log, string runId);

    [LoggerMessage(LogLevel.Information, "Run {RunId}: SIGTERM sent, SIGKILL follows in {Grace} s.")]
    public static partial void Stopping(this ILogger log, string runId, double grace);

    [LoggerMessage(LogLevel.Warning, "Run {RunId}: still there after the grace period, SIGKILL sent.")]
    public static partial void Killing(this ILogger log, string runId);

    [LoggerMessage(LogLevel.Error, "Run {RunId}: processes {Pids} survive SIGKILL; reported as gone nevertheless.")]
    public static partial void Undead(this ILogger log, string runId, string pids);

    [LoggerMessage(LogLevel.Information, "Run {RunId}: {Report}, exit code {ExitCode}.")]
    public static partial void Over(this ILogger log, string runId, string report, int? exitCode);

    [LoggerMessage(LogLevel.Error, "Run {RunId}: unexpected failure.")]
    public static partial void RequestFailed(this ILogger log, Exception exception, string runId);

    [LoggerMessage(LogLevel.Warning, "Not done yet, trying again in {Delay} s.")]
    public static partial void TryingAgain(this ILogger log, Exception? exception, double delay);
}
