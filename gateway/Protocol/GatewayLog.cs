using Microsoft.Extensions.Logging;

namespace GlueOrleans.Gateway.Protocol;

internal static partial class GatewayLog
{
    [LoggerMessage(1001, LogLevel.Error, "{Target} failed (request {RequestId})")]
    public static partial void Failed(ILogger logger, Exception exception, string target, string requestId);

    [LoggerMessage(1002, LogLevel.Error, "{Target}: the store is unavailable (request {RequestId})")]
    public static partial void StoreUnavailable(ILogger logger, Exception exception, string target, string requestId);

    [LoggerMessage(1003, LogLevel.Warning, "{Target}: no answer in time (request {RequestId})")]
    public static partial void TimedOut(ILogger logger, Exception exception, string target, string requestId);

    [LoggerMessage(1004, LogLevel.Warning, "{Target}: no silo could be reached (request {RequestId}): {Reason}")]
    public static partial void NoSilo(ILogger logger, string target, string requestId, string reason);
}
