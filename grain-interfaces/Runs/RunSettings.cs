using System.Text.Json.Serialization;
using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.GrainInterfaces.Runs;

/// <summary>
/// What a run was started with, resolved once at its admission from the request and the job. Never changes afterwards:
/// an UpdateJob or DeleteJob does not touch runs that exist.
/// </summary>
[GenerateSerializer, Alias("RunSettings"), Immutable]
public sealed record RunSettings
{
    /// <summary>The run's own arguments, as sent; <c>null</c> when none were. This is what the API shows.</summary>
    [Id(0)]
    public IReadOnlyDictionary<string, string>? Arguments { get; init; }

    /// <summary>What the script gets: defaults, overridden by the run's own, overridden by the job's non-overridable ones.</summary>
    [Id(1)]
    public required IReadOnlyDictionary<string, string> ScriptArguments { get; init; }

    [Id(2)]
    public required JobCommand Command { get; init; }

    /// <summary>Minutes of RUNNING; <c>null</c> = no limit (streaming).</summary>
    [Id(3)]
    public int? Timeout { get; init; }

    /// <summary>DPUs, whole: <see cref="MaxCapacity"/> rounded down.</summary>
    [Id(4)]
    public int AllocatedCapacity { get; init; }

    /// <summary>DPUs.</summary>
    [Id(5)]
    public double MaxCapacity { get; init; }

    [Id(6)]
    public string? WorkerType { get; init; }

    [Id(7)]
    public int? NumberOfWorkers { get; init; }

    [Id(8)]
    public string? SecurityConfiguration { get; init; }

    [Id(9)]
    public NotificationProperty? NotificationProperty { get; init; }

    [Id(10)]
    public string? GlueVersion { get; init; }

    [Id(11)]
    public string? ExecutionClass { get; init; }

    [Id(12)]
    public string? MaintenanceWindow { get; init; }

    [Id(13)]
    public string? ProfileName { get; init; }

    [Id(14)]
    public string? ExecutionRoleSessionPolicy { get; init; }

    [Id(15)]
    public required string JobMode { get; init; }

    [Id(16)]
    public bool JobRunQueuingEnabled { get; init; }

    /// <summary>Clients append <c>/output</c> and <c>/error</c>, and read it from the first GetJobRun on.</summary>
    [Id(17)]
    public required string LogGroupName { get; init; }

    /// <summary>How often a run that FAILED is followed by another attempt, 0 to 10.</summary>
    [Id(18)]
    public int MaxRetries { get; init; }

    /// <summary>
    /// Which of the jobs that had this name the run belongs to, by its bookmark's last deletion: a run that waits for its
    /// launch while its job is deleted must not take up the bookmark of the next one. <c>null</c>: it uses no bookmark.
    /// </summary>
    [Id(19)]
    public long? BookmarkEra { get; init; }

    /// <summary>FLEX runs use spare capacity: they have limits of their own, and wait without being asked to.</summary>
    [JsonIgnore]
    public bool IsFlex => ExecutionClass == "FLEX";
}
