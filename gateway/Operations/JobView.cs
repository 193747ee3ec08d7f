using System.Diagnostics.CodeAnalysis;
using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.Gateway.Operations;

/// <summary>The model's structure <c>Job</c>: a stored definition as GetJob, GetJobs and BatchGetJobs show it.</summary>
/// <remarks>
/// The settings come back as they were sent, with Glue's defaults filled in: Airflow compares each member and updates the
/// job on any difference (glue-behaviour.md 8.1). Tags are not part of it.
/// </remarks>
internal sealed record JobView : JobSettings
{
    [SetsRequiredMembers]
    public JobView(JobDefinition definition)
        : base(definition.Settings)
    {
        Name = definition.Name;
        CreatedOn = definition.CreatedOn;
        LastModifiedOn = definition.LastModifiedOn;
        ProfileName = definition.ProfileName;
    }

    public string Name { get; }

    /// <summary>Epoch seconds on the wire.</summary>
    public DateTimeOffset CreatedOn { get; }

    /// <summary>Epoch seconds on the wire. Equal to <see cref="CreatedOn"/> until the first UpdateJob.</summary>
    public DateTimeOffset LastModifiedOn { get; }

    /// <summary>The usage profile it was created under; absent if under none.</summary>
    public string? ProfileName { get; }
}
