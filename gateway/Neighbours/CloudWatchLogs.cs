using System.Collections.Frozen;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;

namespace GlueOrleans.Gateway.Neighbours;

/// <summary>
/// As much of CloudWatch Logs as clients of job runs call: reading what a run printed, in the groups that its
/// <c>LogGroupName</c> begins, from the stream that bears its id (glue-behaviour.md 5.4.3, 8.1, 8.2).
/// </summary>
/// <remarks>
/// Groups are neither listed nor searched: a request names its streams. The files behind them keep no time for each line.
/// So all events of a stream have one <c>timestamp</c>, the run's start, before which none was printed; their
/// <c>ingestionTime</c> is when the file was last written to, after which none was; and <c>startTime</c> and
/// <c>endTime</c> leave events out only if none of the stream's can be meant. A stream exists once the script was started.
/// </remarks>
internal sealed class CloudWatchLogs : IAwsJsonService
{
    private readonly FrozenDictionary<string, ILogsOperation> _operations;
    private readonly string _supported;

    public CloudWatchLogs(IEnumerable<ILogsOperation> operations)
    {
        _operations = operations.ToFrozenDictionary(operation => operation.Name, StringComparer.Ordinal);
        _supported = string.Join(", ", _operations.Keys.Order(StringComparer.Ordinal));
    }

    public string TargetPrefix => "Logs_20140328";

    public string SigningName => "logs";

    public bool Knows(string operation) => _operations.ContainsKey(operation);

    /// <remarks>All of them read.</remarks>
    public bool MayRepeat(string operation) => true;

    /// <remarks>Whether the jobs of the streams are allowed as well is seen where streams are read: <see cref="LogStreams"/>.</remarks>
    public async Task<AwsAnswer> Handle(string operation, ReadOnlyMemory<byte> body, Caller caller)
    {
        if (!_operations.TryGetValue(operation, out var known))
        {
            return AwsErrors.UnknownOperation(
                $"Operation '{EchoedValue.Of(operation)}' of CloudWatch Logs is not supported by this server. "
                    + $"Supported: {_supported}."
            );
        }

        return Authorization.Refusal(caller, SigningName, operation) is { } refusal
            ? refusal
            : await known.Handle(body, caller);
    }
}
