using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;

namespace GlueOrleans.GrainInterfaces.Jobs;

/// <summary>
/// What CreateJob, UpdateJob and GetJob have in common: the settings of a job definition, under Glue's names.
/// </summary>
/// <remarks>
/// The same record goes over the wire, between grains and into storage, so that what a client sent comes back unchanged
/// (Airflow compares each member and updates the job on any difference). Members left out stay <c>null</c>; what Glue
/// fills in is filled in by <c>JobDefaults</c> before the job is stored.
/// </remarks>
[GenerateSerializer, Alias("JobSettings"), Immutable]
public record JobSettings
{
    /// <summary><c>SCRIPT</c>, <c>VISUAL</c> or <c>NOTEBOOK</c>. Default SCRIPT.</summary>
    [Id(0)]
    public string? JobMode { get; init; }

    /// <summary>Whether runs over a limit wait instead of being refused. A run's own value wins. Default false.</summary>
    [Id(1)]
    public bool? JobRunQueuingEnabled { get; init; }

    [Id(2)]
    public string? Description { get; init; }

    [Id(3)]
    public string? LogUri { get; init; }

    /// <summary>Any text: nothing is assumed of it, because no role is assumed to run a script here.</summary>
    [Id(4)]
    public string? Role { get; init; }

    [Id(5)]
    public ExecutionProperty? ExecutionProperty { get; init; }

    [Id(6)]
    public JobCommand? Command { get; init; }

    /// <summary>Arguments of every run, overridden key by key by the run's own.</summary>
    [Id(7)]
    public IReadOnlyDictionary<string, string>? DefaultArguments { get; init; }

    /// <summary>Arguments of every run that a run cannot override.</summary>
    [Id(8)]
    public IReadOnlyDictionary<string, string>? NonOverridableArguments { get; init; }

    [Id(9)]
    public ConnectionsList? Connections { get; init; }

    /// <summary>0 to 10. Default 0.</summary>
    [Id(10)]
    public int? MaxRetries { get; init; }

    /// <summary>DPUs, whole. Deprecated by Glue in favour of <see cref="MaxCapacity"/>.</summary>
    [Id(11)]
    public int? AllocatedCapacity { get; init; }

    /// <summary>Minutes, at least 1, less than 10,080 (7 days). The default depends on Glue version and command.</summary>
    [Id(12)]
    public int? Timeout { get; init; }

    /// <summary>DPUs. Not together with <see cref="WorkerType"/> and <see cref="NumberOfWorkers"/>.</summary>
    [Id(13)]
    public double? MaxCapacity { get; init; }

    [Id(14)]
    public string? WorkerType { get; init; }

    [Id(15)]
    public int? NumberOfWorkers { get; init; }

    [Id(16)]
    public string? SecurityConfiguration { get; init; }

    [Id(17)]
    public NotificationProperty? NotificationProperty { get; init; }

    [Id(18)]
    public string? GlueVersion { get; init; }

    /// <summary>The visual editor's graph, kept as the JSON text that was sent and never looked into.</summary>
    [Id(19), JsonConverter(typeof(RawJsonConverter))]
    public string? CodeGenConfigurationNodes { get; init; }

    /// <summary><c>FLEX</c> or <c>STANDARD</c>; absent unless it was set.</summary>
    [Id(20)]
    public string? ExecutionClass { get; init; }

    [Id(21)]
    public SourceControlDetails? SourceControlDetails { get; init; }

    /// <summary>Streaming jobs: day and hour in GMT, <c>Sun:10</c>.</summary>
    [Id(22)]
    public string? MaintenanceWindow { get; init; }

    /// <summary>
    /// The settings alone, as a plain <see cref="JobSettings"/>: what crosses to a grain must not be a derived record,
    /// which Orleans cannot serialize and which never equals a plain one.
    /// </summary>
    public JobSettings ToSettings() => new(this);

    /// <summary>What logs and errors may show: nothing of arguments or of the visual editor's graph, which may hold secrets.</summary>
    protected virtual bool PrintMembers(StringBuilder builder)
    {
        builder.Append(
            CultureInfo.InvariantCulture,
            $"Command = {Command}, GlueVersion = {GlueVersion}, WorkerType = {WorkerType}, Role = {Role}"
        );
        return true;
    }
}

/// <summary>How many runs of the job may hold a slot at once.</summary>
[GenerateSerializer, Alias("ExecutionProperty"), Immutable]
public sealed record ExecutionProperty
{
    /// <summary>At least 1. Default 1.</summary>
    [Id(0)]
    public int? MaxConcurrentRuns { get; init; }
}

/// <summary>What a job runs.</summary>
[GenerateSerializer, Alias("JobCommand"), Immutable]
public sealed record JobCommand
{
    /// <summary><c>glueetl</c>, <c>gluestreaming</c>, <c>pythonshell</c> or <c>glueray</c>.</summary>
    [Id(0)]
    public string? Name { get; init; }

    /// <summary>A local path, a <c>file://</c> or an <c>s3://</c> URL.</summary>
    [Id(1)]
    public string? ScriptLocation { get; init; }

    [Id(2)]
    public string? PythonVersion { get; init; }

    [Id(3)]
    public string? Runtime { get; init; }
}

/// <summary>Names of Glue connections. Kept and echoed; nothing is connected.</summary>
[GenerateSerializer, Alias("ConnectionsList"), Immutable]
public sealed record ConnectionsList
{
    [Id(0)]
    public IReadOnlyList<string>? Connections { get; init; }
}

[GenerateSerializer, Alias("NotificationProperty"), Immutable]
public sealed record NotificationProperty
{
    /// <summary>Minutes after the start of a run, at least 1.</summary>
    [Id(0)]
    public int? NotifyDelayAfter { get; init; }
}

/// <summary>Where a job's script is kept under version control. Kept and echoed; nothing is fetched.</summary>
[GenerateSerializer, Alias("SourceControlDetails"), Immutable]
public sealed record SourceControlDetails
{
    [Id(0)]
    public string? Provider { get; init; }

    [Id(1)]
    public string? Repository { get; init; }

    [Id(2)]
    public string? Owner { get; init; }

    [Id(3)]
    public string? Branch { get; init; }

    [Id(4)]
    public string? Folder { get; init; }

    [Id(5)]
    public string? LastCommitId { get; init; }

    [Id(6)]
    public string? AuthStrategy { get; init; }

    [Id(7)]
    public string? AuthToken { get; init; }

    /// <summary>Without the token.</summary>
    public override string ToString() =>
        $"{nameof(SourceControlDetails)} {{ {Provider} {Repository} {Branch} {LastCommitId} }}";
}
