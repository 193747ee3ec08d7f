using System.Globalization;

namespace GlueOrleans.Grains.Jobs;

/// <summary>What can be told from a <c>GlueVersion</c>, such as <c>5.0</c>.</summary>
public static class GlueVersions
{
    /// <summary>The version of Spark and Ray jobs that name none, unless the site says otherwise. So a job that has it has,
    /// most likely, named no version at all.</summary>
    public const string OfJobsThatNameNone = "0.9";

    /// <summary>The whole number in front; <c>null</c> when there is no version, or one that begins with no number (the
    /// model allows any words with dots between).</summary>
    public static int? Major(string? version) =>
        int.TryParse(version?.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            ? major
            : null;
}
