using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// A job's bookmark: the latest, a run's, or one with a version. In: <see cref="GetJobBookmarkRequest"/>, out:
/// <see cref="GetJobBookmarkResponse"/>.
/// </summary>
/// <remarks>
/// Errors: EntityNotFound (no such job, no bookmark yet, none of that run or version), InvalidInput (both a run and a
/// version). Source: glue-behaviour.md 6.0.2 to 6.0.5.
/// </remarks>
internal sealed class GetJobBookmark(IGrainFactory grains)
    : GlueOperation<GetJobBookmarkRequest, GetJobBookmarkResponse>(
        AwsJson.Wire.GetJobBookmarkRequest,
        AwsJson.Wire.GetJobBookmarkResponse
    )
{
    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.EntityNotFound, RefusalKind.InvalidInput];

    protected override IEnumerable<Resource> ResourcesOf(GetJobBookmarkRequest request) =>
        [Resource.Job(request.JobName)];

    protected override async Task<Outcome<GetJobBookmarkResponse>> Execute(GetJobBookmarkRequest request, Caller caller)
    {
        if (Grains.RefusalOfName(request.JobName) is { } refusal)
            return refusal;

        var entry = await grains.Job(caller, request.JobName).GetBookmark(request.RunId, request.Version);
        return entry.IsRefused
            ? entry.Refusal
            : new GetJobBookmarkResponse { JobBookmarkEntry = JobBookmarkView.Of(entry.Value) };
    }
}

internal sealed record GetJobBookmarkRequest
{
    public required string JobName { get; init; }

    public string? RunId { get; init; }

    /// <summary>Not in the SDK's model: see <see cref="ModelDeviations.ExtraMembers"/>.</summary>
    public int? Version { get; init; }
}

internal sealed record GetJobBookmarkResponse
{
    public required JobBookmarkView JobBookmarkEntry { get; init; }
}
