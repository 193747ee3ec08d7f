namespace GlueOrleans.Gateway.Protocol;

/// <summary>
/// Where this server accepts more than the service model says, and why. The model file stays as published, so that a
/// newer one can replace it; everything we add to it is here.
/// </summary>
internal static class ModelDeviations
{
    /// <summary>
    /// Values a published enum lacks. The prose of <c>Job.WorkerType</c> lists these workers, and SDKs do not check enums,
    /// so clients send them (glue-behaviour.md 2.3, "WorkerType enum").
    /// </summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> ExtraEnumValues = new Dictionary<
        string,
        IReadOnlyList<string>
    >(StringComparer.Ordinal)
    {
        ["WorkerType"] = ["G.12X", "G.16X", "R.1X", "R.2X", "R.4X", "R.8X"],
    };

    /// <summary>
    /// Members a published structure lacks: structure → (member, shape). The documentation has
    /// <c>StartJobRun.ProfileName</c> and <c>JobRun</c> shows it; the SDK's model lacks it (glue-behaviour.md 2.3).
    /// <c>CreateJob.ProfileName</c> is ours: <c>Job</c> shows one, and in AWS it comes from a tag of the principal.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<(string Member, string Shape)>> ExtraMembers =
        new Dictionary<string, IReadOnlyList<(string Member, string Shape)>>(StringComparer.Ordinal)
        {
            ["CreateJobRequest"] = [("ProfileName", "NameString")],
            ["StartJobRunRequest"] = [("ProfileName", "NameString")],
        };
}
