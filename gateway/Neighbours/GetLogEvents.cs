using System.Globalization;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Gateway.Neighbours;

/// <summary>
/// Events of one stream, from its end or its head, forwards and backwards. In: <see cref="GetLogEventsRequest"/>, out:
/// <see cref="GetLogEventsResponse"/>.
/// </summary>
/// <remarks>
/// Errors: ResourceNotFound, InvalidParameter. A token says where and in which direction; at the end of the stream, and
/// at its head, it is the token that was sent, and is good for asking again when there may be more.
/// </remarks>
internal sealed class GetLogEvents(LogStreams streams)
    : LogsOperation<GetLogEventsRequest, GetLogEventsResponse>(
        LogsJson.Wire.GetLogEventsRequest,
        LogsJson.Wire.GetLogEventsResponse
    )
{
    private const char Forward = 'f';
    private const char Backward = 'b';

    protected override async Task<AwsAnswer> Execute(GetLogEventsRequest request, Caller caller)
    {
        if (LogStreams.FindGroup(request.LogGroupName, request.LogGroupIdentifier, out var group) is { } noGroup)
            return noGroup;
        if (request.LogStreamName is not { Length: > 0 } stream)
            return LogsErrors.InvalidParameter("logStreamName is missing: give the id of a run.");
        if (LimitProblem(request.Limit) is { } problem)
            return problem;
        var token = new PageToken(Name, caller.Account, $"{group}\n{stream}");
        var range = new RunLogRange
        {
            Backwards = request.StartFromHead != true,
            MaxEvents = request.Limit ?? MaxEvents,
            MaxBytes = MaxBytes,
        };
        if (!string.IsNullOrEmpty(request.NextToken))
        {
            if (Resume(request.NextToken, token, range) is not { } resumed)
            {
                return LogsErrors.InvalidParameter(
                    "The specified nextToken is invalid: pass a token of an earlier answer about this stream, unchanged."
                );
            }

            range = resumed;
        }

        if (await streams.Read(caller, group, stream, range) is not { } part)
            return LogsErrors.NoSuchStream(group, stream);
        // An event at the very endTime is not included here, as it is in FilterLogEvents.
        var isMeant = LogStreams.MayBeIn(part, request.StartTime, request.EndTime - 1);
        return Answer(
            new GetLogEventsResponse
            {
                Events = isMeant ? [.. part.Events.Select(line => OutputLogEvent.Of(line, part))] : [],
                // What was left out for its time may be meant when the log has grown.
                NextForwardToken = token.After(Position(Forward, isMeant ? part.End : part.Start)),
                NextBackwardToken = token.After(Position(Backward, isMeant ? part.Start : part.End)),
            }
        );
    }

    private static string Position(char direction, long position) =>
        string.Create(CultureInfo.InvariantCulture, $"{direction}{position}");

    private static RunLogRange? Resume(string nextToken, PageToken token, RunLogRange range) =>
        token.TryRead(nextToken, out var text)
        && text is [Forward or Backward, .. var digits]
        && long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            ? range with
            {
                Position = position,
                Backwards = text[0] == Backward,
            }
            : null;
}

internal sealed record GetLogEventsRequest
{
    public string? LogGroupName { get; init; }

    /// <summary>The group's name or ARN, in place of <see cref="LogGroupName"/>.</summary>
    public string? LogGroupIdentifier { get; init; }

    public string? LogStreamName { get; init; }

    /// <summary>Epoch milliseconds, inclusive.</summary>
    public long? StartTime { get; init; }

    /// <summary>Epoch milliseconds, exclusive.</summary>
    public long? EndTime { get; init; }

    public string? NextToken { get; init; }

    /// <summary>1 to 10,000. Default: as many as fit into 1 MiB, up to that.</summary>
    public int? Limit { get; init; }

    /// <summary>Without a token: the oldest events, not the newest. Default false.</summary>
    public bool? StartFromHead { get; init; }
}

internal sealed record GetLogEventsResponse
{
    /// <summary>In the order they were printed, whatever the direction.</summary>
    public required IReadOnlyList<OutputLogEvent> Events { get; init; }

    public required string NextForwardToken { get; init; }

    public required string NextBackwardToken { get; init; }
}

/// <summary>Times: <see cref="CloudWatchLogs"/>.</summary>
internal sealed record OutputLogEvent
{
    public required long Timestamp { get; init; }

    public required string Message { get; init; }

    public required long IngestionTime { get; init; }

    public static OutputLogEvent Of(RunLogEvent line, RunLogPart part) =>
        new()
        {
            Timestamp = part.NotBefore.ToUnixTimeMilliseconds(),
            Message = line.Text,
            IngestionTime = part.NotAfter.ToUnixTimeMilliseconds(),
        };
}
