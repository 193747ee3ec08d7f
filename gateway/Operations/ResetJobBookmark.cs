using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// Takes a job's bookmark back to nothing, or to how a run left it, and answers with the entry that is current now. In:
/// <see cref="ResetJobBookmarkRequest"/>, out: <see cref="ResetJobBookmarkResponse"/>.
/// </summary>
/// <remarks>
/// Errors: EntityNotFound (no such job, no bookmark yet, none of that run). What runs wrote stays. A run that is going ends
/// FAILED when it commits: it worked from the bookmark of before. Source: glue-behaviour.md 6.0.3, 6.0.4.
/// </remarks>
internal sealed class ResetJobBookmark(IGrainFactory grains)
    : GlueOperation<ResetJobBookmarkRequest, ResetJobBookmarkResponse>(
        AwsJson.Wire.ResetJobBookmarkRequest,
        AwsJson.Wire.ResetJobBookmarkResponse
    )
{
    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.EntityNotFound];

    /// <remarks>A second time a run may have gone on from the first one.</remarks>
    public override bool MayRepeat => false;

    protected override IEnumerable<Resource> ResourcesOf(ResetJobBookmarkRequest request) =>
        [Resource.Job(request.JobName)];

    protected override async Task<Outcome<ResetJobBookmarkResponse>> Execute(
        ResetJobBookmarkRequest request,
        Caller caller
    )
    {
        if (Grains.RefusalOfName(request.JobName) is { } refusal)
            return refusal;

        var entry = await grains.Job(caller, request.JobName).ResetBookmark(request.RunId);
        return entry.IsRefused
            ? entry.Refusal
            : new ResetJobBookmarkResponse { JobBookmarkEntry = JobBookmarkView.Of(entry.Value) };
    }
}

internal sealed record ResetJobBookmarkRequest
{
    public required string JobName { get; init; }

    /// <summary>The run to go back to: the next run processes what came after it. Absent: everything.</summary>
    public string? RunId { get; init; }
}

internal sealed record ResetJobBookmarkResponse
{
    public required JobBookmarkView JobBookmarkEntry { get; init; }
}
