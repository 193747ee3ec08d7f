using System.Text.Json.Serialization;

namespace GlueOrleans.Grains.Events;

/// <summary>An EventBridge event as its consumers see it: the envelope, and one of the two kinds of detail.</summary>
/// <remarks>Member order and names as in glue-behaviour.md 5.4.1.</remarks>
public sealed record RunEventDocument
{
    [JsonPropertyName("version")]
    public string Version { get; init; } = "0";

    /// <summary>A UUID, and the same one whenever the same event is told again: what a consumer tells doubles by.</summary>
    [JsonPropertyName("id")]
    public required Guid Id { get; init; }

    [JsonPropertyName("detail-type")]
    public required string DetailType { get; init; }

    [JsonPropertyName("source")]
    public string Source { get; init; } = "aws.glue";

    [JsonPropertyName("account")]
    public required string Account { get; init; }

    /// <summary>ISO 8601, whole seconds.</summary>
    [JsonPropertyName("time")]
    public required string Time { get; init; }

    [JsonPropertyName("region")]
    public required string Region { get; init; }

    /// <summary>Always empty: Glue names no resource.</summary>
    [JsonPropertyName("resources")]
    public IReadOnlyList<string> Resources { get; init; } = [];

    [JsonPropertyName("detail")]
    public required RunEventDetail Detail { get; init; }
}

/// <summary>What happened to the run. The members that are <c>null</c> belong to the other kind of event, and stay out.</summary>
public sealed record RunEventDetail
{
    [JsonPropertyName("jobName")]
    public required string JobName { get; init; }

    /// <summary><c>INFO</c>, <c>WARN</c> or <c>ERROR</c>.</summary>
    [JsonPropertyName("severity")]
    public required string Severity { get; init; }

    /// <summary>Only of a run that is late.</summary>
    [JsonPropertyName("notificationCondition")]
    public NotificationCondition? NotificationCondition { get; init; }

    /// <summary>The run's state by its name on the wire.</summary>
    [JsonPropertyName("state")]
    public required string State { get; init; }

    [JsonPropertyName("jobRunId")]
    public required string JobRunId { get; init; }

    [JsonPropertyName("message")]
    public required string Message { get; init; }

    /// <summary>Only of a run that is late: when it was accepted, ISO 8601 with milliseconds.</summary>
    [JsonPropertyName("startedOn")]
    public string? StartedOn { get; init; }
}

/// <param name="NotifyDelayAfter">Minutes. A fraction on the wire, although jobs can only name whole ones.</param>
public sealed record NotificationCondition([property: JsonPropertyName("NotifyDelayAfter")] double NotifyDelayAfter);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RunEventDocument))]
public sealed partial class RunEventJson : JsonSerializerContext;
