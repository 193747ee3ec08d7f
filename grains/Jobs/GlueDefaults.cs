namespace GlueOrleans.Grains.Jobs;

/// <summary>What Glue fills in where a job says nothing, as far as a site may want it otherwise. Configuration section
/// <c>Glue</c>.</summary>
public sealed class GlueDefaults
{
    /// <summary>The Glue version of Spark and Ray jobs that name none. Default 0.9.</summary>
    /// <remarks>
    /// Glue's own texts disagree: the page on job runs says 0.9, the newer SDK model 5.1. 0.9 is kept because it goes with
    /// the 2,880 minutes of timeout that Terraform's acceptance tests read back for a job that names no version.
    /// </remarks>
    public string GlueVersion { get; set; } = GlueVersions.OfJobsThatNameNone;
}
