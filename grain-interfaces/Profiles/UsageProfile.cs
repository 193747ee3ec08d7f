namespace GlueOrleans.GrainInterfaces.Profiles;

/// <summary>What those to whom it applies may ask of jobs and their runs, and what they get if they do not ask.</summary>
[GenerateSerializer, Alias("UsageProfile"), Immutable]
public sealed record UsageProfile
{
    [Id(0)]
    public required string Name { get; init; }

    [Id(1)]
    public string? Description { get; init; }

    [Id(2)]
    public required ProfileConfiguration Configuration { get; init; }

    [Id(3)]
    public required IReadOnlyDictionary<string, string> Tags { get; init; }

    [Id(4)]
    public required DateTimeOffset CreatedOn { get; init; }

    /// <summary>When it was created or last updated; tags do not count.</summary>
    [Id(5)]
    public required DateTimeOffset LastModifiedOn { get; init; }
}

/// <summary>Settings by their names, as Glue's usage profiles spell them: <c>numberOfWorkers</c>.</summary>
[GenerateSerializer, Alias("ProfileConfiguration"), Immutable]
public sealed record ProfileConfiguration
{
    /// <summary>Of interactive sessions, which are not served here: kept and shown.</summary>
    [Id(0)]
    public IReadOnlyDictionary<string, ConfigurationObject>? SessionConfiguration { get; init; }

    /// <summary>Of jobs and their runs.</summary>
    [Id(1)]
    public IReadOnlyDictionary<string, ConfigurationObject>? JobConfiguration { get; init; }
}

/// <summary>What one setting may be. Numbers are written in decimal.</summary>
[GenerateSerializer, Alias("ConfigurationObject"), Immutable]
public sealed record ConfigurationObject
{
    /// <summary>For whoever leaves the setting out.</summary>
    [Id(0)]
    public string? DefaultValue { get; init; }

    /// <summary>Absent or empty: any that is in range.</summary>
    [Id(1)]
    public IReadOnlyList<string>? AllowedValues { get; init; }

    /// <summary>Inclusive.</summary>
    [Id(2)]
    public string? MinValue { get; init; }

    /// <summary>Inclusive.</summary>
    [Id(3)]
    public string? MaxValue { get; init; }
}
