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

    [Id(5)]
    public required DateTimeOffset LastModifiedOn { get; init; }
}
