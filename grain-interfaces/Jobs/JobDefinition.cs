namespace GlueOrleans.GrainInterfaces.Jobs;

/// <summary>A job as it is stored: its settings with Glue's defaults filled in, its tags and its times.</summary>
[GenerateSerializer, Alias("JobDefinition"), Immutable]
public sealed record JobDefinition
{
    [Id(0)]
    public required string Name { get; init; }

    [Id(1)]
    public required JobSettings Settings { get; init; }

    /// <summary>
    /// The settings exactly as CreateJob sent them, before defaults: what decides whether a second CreateJob of the same
    /// name repeats the first. <c>null</c> after an UpdateJob.
    /// </summary>
    [Id(2)]
    public JobSettings? CreatedAs { get; init; }

    [Id(3)]
    public required IReadOnlyDictionary<string, string> Tags { get; init; }

    [Id(4)]
    public required DateTimeOffset CreatedOn { get; init; }

    /// <summary>When it was created or last updated; tags do not count.</summary>
    [Id(5)]
    public required DateTimeOffset LastModifiedOn { get; init; }

    /// <summary>The usage profile it was created under; <c>null</c> = none.</summary>
    [Id(6)]
    public string? ProfileName { get; init; }

    /// <summary>Whether the timeout was left out and is Glue's default, so that a run's usage profile may say another.</summary>
    [Id(7)]
    public bool TimeoutIsDefault { get; init; }

    /// <summary>The same of the members that say how large the job is.</summary>
    [Id(8)]
    public bool SizeIsDefault { get; init; }
}
