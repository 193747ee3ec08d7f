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
    /// <c>StartJobRun.ProfileName</c>, which <c>JobRun</c> shows, and <c>GetJobBookmark.Version</c>; the SDK's model lacks
    /// them (glue-behaviour.md 2.3). <c>CreateJob.ProfileName</c> is ours: <c>Job</c> shows one, and in AWS it comes from a
    /// tag of the principal.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<(string Member, string Shape)>> ExtraMembers =
        new Dictionary<string, IReadOnlyList<(string Member, string Shape)>>(StringComparer.Ordinal)
        {
            ["CreateJobRequest"] = [("ProfileName", "NameString")],
            ["GetJobBookmarkRequest"] = [("Version", "IntegerValue")],
            ["StartJobRunRequest"] = [("ProfileName", "NameString")],
        };

    /// <summary>
    /// Operations and shapes the published model lacks, in the form of its file; shapes may name those of the file. The
    /// documentation has <c>GetJobBookmarks</c>, with integers for tokens; no SDK does (glue-behaviour.md 2.3). Its bounds
    /// are ours.
    /// </summary>
    public const string ExtraModel = """
        {
          "operations": {
            "GetJobBookmarks": {
              "input": "GetJobBookmarksRequest",
              "output": "GetJobBookmarksResponse",
              "errors": [
                "EntityNotFoundException",
                "InvalidInputException",
                "InternalServiceException",
                "OperationTimeoutException"
              ]
            }
          },
          "shapes": {
            "GetJobBookmarksRequest": {
              "type": "structure",
              "required": ["JobName"],
              "members": { "JobName": "JobName", "MaxResults": "PageSize", "NextToken": "JobBookmarksToken" }
            },
            "GetJobBookmarksResponse": {
              "type": "structure",
              "members": { "JobBookmarkEntries": "JobBookmarkEntries", "NextToken": "JobBookmarksToken" }
            },
            "JobBookmarkEntries": { "type": "list", "member": "JobBookmarkEntry" },
            "JobBookmarksToken": { "type": "integer", "min": 0 }
          }
        }
        """;
}
