using Microsoft.Extensions.Options;

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

    /// <summary>The usage profile of every CreateJob and StartJobRun that names none, in each account. Default: none.</summary>
    /// <remarks>Up to 255 characters. An account that lacks the profile can neither create jobs nor start runs until it has
    /// created it.</remarks>
    public string? UsageProfile { get; set; }
}

/// <summary>Says at the start which default is wrong, and what would be right.</summary>
public sealed class ValidateGlueDefaults : IValidateOptions<GlueDefaults>
{
    private const int LongestName = 255;

    public ValidateOptionsResult Validate(string? name, GlueDefaults options) =>
        options.UsageProfile?.Length > LongestName
            ? ValidateOptionsResult.Fail(
                $"Glue:UsageProfile has {options.UsageProfile.Length} characters: give the name of a usage profile, which "
                    + $"has at most {LongestName}."
            )
            : ValidateOptionsResult.Success;
}
