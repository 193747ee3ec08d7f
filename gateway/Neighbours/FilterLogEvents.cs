using System.Globalization;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Gateway.Neighbours;

/// <summary>
/// Events of some streams of a group, oldest first, one stream after the other. In: <see cref="FilterLogEventsRequest"/>,
/// out: <see cref="FilterLogEventsResponse"/>.
/// </summary>
/// <remarks>
/// Errors: ResourceNotFound, InvalidParameter. A page with events always has a token, and the page after the last of them
/// is empty and has none: whoever keeps the last token it got, as Airflow does, goes on from there once there is more.
/// </remarks>
internal sealed class FilterLogEvents(LogStreams streams)
    : LogsOperation<FilterLogEventsRequest, FilterLogEventsResponse>(
        LogsJson.Wire.FilterLogEventsRequest,
        LogsJson.Wire.FilterLogEventsResponse
    )
{
    private const int MaxStreams = 100;
    private const char Separator = ':';

    protected override async Task<AwsAnswer> Execute(FilterLogEventsRequest request, Caller caller)
    {
        if (LogStreams.FindGroup(request.LogGroupName, request.LogGroupIdentifier, out var group) is { } noGroup)
            return noGroup;
        if (Problem(request) is { } problem)
            return problem;

        IReadOnlyList<string> names = request.LogStreamNames ?? [request.LogStreamNamePrefix!];
        var token = new PageToken(Name, caller.Account, string.Join('\n', [group, .. names]));
        var (index, position) = (0, 0L);
        if (
            !string.IsNullOrEmpty(request.NextToken)
            && !TryResume(request.NextToken, token, names, out index, out position)
        )
        {
            return LogsErrors.InvalidParameter(
                "The specified nextToken is invalid: pass the nextToken of an earlier answer about these streams, unchanged."
            );
        }

        for (; index < names.Count; index++, position = 0)
        {
            var range = new RunLogRange
            {
                Position = position,
                MaxEvents = request.Limit ?? MaxEvents,
                MaxBytes = MaxBytes,
            };
            if (await streams.Read(caller, group, names[index], range) is not { } part)
                return LogsErrors.NoSuchStream(group, names[index]);
            if (part.Events.Count > 0 && LogStreams.MayBeIn(part, request.StartTime, request.EndTime))
            {
                return Answer(
                    new FilterLogEventsResponse
                    {
                        Events = [.. part.Events.Select(line => FilteredLogEvent.Of(line, part, names[index]))],
                        NextToken = token.After(
                            string.Create(CultureInfo.InvariantCulture, $"{index}{Separator}{part.End}")
                        ),
                    }
                );
            }
        }

        return Answer(new FilterLogEventsResponse { Events = [] });
    }

    private static AwsError? Problem(FilterLogEventsRequest request)
    {
        if (!string.IsNullOrEmpty(request.FilterPattern))
            return LogsErrors.InvalidParameter("filterPattern is not supported by this server: leave it out.");
        if (request is { LogStreamNames: not null, LogStreamNamePrefix: not null })
            return LogsErrors.InvalidParameter("Give logStreamNames or logStreamNamePrefix, not both.");
        if (request.LogStreamNames is null && request.LogStreamNamePrefix is null)
        {
            return LogsErrors.InvalidParameter(
                "This server does not search whole groups: give the ids of runs as logStreamNames."
            );
        }

        if (
            request.LogStreamNames is { } names
            && (names.Count is 0 or > MaxStreams || names.Any(name => name is null))
        )
            return LogsErrors.InvalidParameter(
                $"logStreamNames has {names.Count} entries: give 1 to {MaxStreams} names."
            );
        return LimitProblem(request.Limit);
    }

    private static bool TryResume(
        string nextToken,
        PageToken token,
        IReadOnlyList<string> names,
        out int index,
        out long position
    )
    {
        (index, position) = (0, 0);
        return token.TryRead(nextToken, out var text)
            && text.Split(Separator) is [var first, var second]
            && int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out index)
            && index < names.Count
            && long.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out position);
    }
}

internal sealed record FilterLogEventsRequest
{
    public string? LogGroupName { get; init; }

    /// <summary>The group's name or ARN, in place of <see cref="LogGroupName"/>.</summary>
    public string? LogGroupIdentifier { get; init; }

    /// <summary>1 to 100 ids of runs.</summary>
    public IReadOnlyList<string>? LogStreamNames { get; init; }

    /// <summary>Here the whole id of a run, as groups are not searched.</summary>
    public string? LogStreamNamePrefix { get; init; }

    /// <summary>Epoch milliseconds, inclusive.</summary>
    public long? StartTime { get; init; }

    /// <summary>Epoch milliseconds, inclusive.</summary>
    public long? EndTime { get; init; }

    /// <summary>Not supported.</summary>
    public string? FilterPattern { get; init; }

    public string? NextToken { get; init; }

    /// <summary>1 to 10,000. Default 10,000.</summary>
    public int? Limit { get; init; }

    /// <summary>Accepted; makes no difference, as all events of a stream have one time.</summary>
    public bool? Interleaved { get; init; }
}

internal sealed record FilterLogEventsResponse
{
    public required IReadOnlyList<FilteredLogEvent> Events { get; init; }

    /// <summary>Always empty, as CloudWatch Logs has it since 2020.</summary>
    public IReadOnlyList<string> SearchedLogStreams { get; init; } = [];

    /// <summary>Absent exactly when there are no events.</summary>
    public string? NextToken { get; init; }
}

/// <summary>Times: <see cref="CloudWatchLogs"/>.</summary>
internal sealed record FilteredLogEvent
{
    public required string LogStreamName { get; init; }

    public required long Timestamp { get; init; }

    public required string Message { get; init; }

    public required long IngestionTime { get; init; }

    /// <summary>Unique in the group, and the same whenever the event is read.</summary>
    public required string EventId { get; init; }

    public static FilteredLogEvent Of(RunLogEvent line, RunLogPart part, string stream) =>
        new()
        {
            LogStreamName = stream,
            Timestamp = part.NotBefore.ToUnixTimeMilliseconds(),
            Message = line.Text,
            IngestionTime = part.NotAfter.ToUnixTimeMilliseconds(),
            EventId = string.Create(CultureInfo.InvariantCulture, $"{stream}:{line.Position}"),
        };
}
