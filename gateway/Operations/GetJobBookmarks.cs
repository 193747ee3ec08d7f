using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// The history of a job's bookmark, newest first, in pages. In: <see cref="GetJobBookmarksRequest"/>, out:
/// <see cref="GetJobBookmarksResponse"/>.
/// </summary>
/// <remarks>
/// Errors: EntityNotFound (no such job). A job without a bookmark has an empty list. Not in the SDKs: see
/// <see cref="ModelDeviations.ExtraModel"/>. Source: glue-behaviour.md 2.3, 6.0.5, 11.22.
/// </remarks>
internal sealed class GetJobBookmarks(IGrainFactory grains)
    : GlueOperation<GetJobBookmarksRequest, GetJobBookmarksResponse>(
        AwsJson.Wire.GetJobBookmarksRequest,
        AwsJson.Wire.GetJobBookmarksResponse
    )
{
    /// <summary>Entries on a page, at most and unless the request says less: an entry may have a megabyte.</summary>
    public const int LargestPage = 50;

    /// <summary>The NextToken of the last page.</summary>
    private const int AllReturned = 1;

    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.EntityNotFound];

    protected override IEnumerable<Resource> ResourcesOf(GetJobBookmarksRequest request) =>
        [Resource.Job(request.JobName)];

    /// <remarks>
    /// The token is the revision of the last entry shown. Revisions begin at 1, so whenever there is one below it, it is
    /// above 1; and 1 itself, handed back, leads to an empty last page.
    /// </remarks>
    protected override async Task<Outcome<GetJobBookmarksResponse>> Execute(
        GetJobBookmarksRequest request,
        Caller caller
    )
    {
        if (Grains.RefusalOfName(request.JobName) is { } refusal)
            return refusal;

        var pageSize = Math.Min(request.MaxResults ?? LargestPage, LargestPage);
        // 0 is what a client sends whose integers cannot be absent.
        long? before = request.NextToken is null or 0 ? null : request.NextToken;
        var entries = await grains.Job(caller, request.JobName).ListBookmarks(before, pageSize + 1);
        if (entries.IsRefused)
            return entries.Refusal;

        var page = entries.Value.Take(pageSize).ToList();
        return new GetJobBookmarksResponse
        {
            JobBookmarkEntries = [.. page.Select(JobBookmarkView.Of)],
            NextToken = entries.Value.Count > pageSize ? checked((int)page[^1].Revision) : AllReturned,
        };
    }
}

internal sealed record GetJobBookmarksRequest
{
    public required string JobName { get; init; }

    /// <summary>1 to 1,000; a page has at most <see cref="GetJobBookmarks.LargestPage"/> whatever it says.</summary>
    public int? MaxResults { get; init; }

    /// <summary>Of the page before. Absent or 0: the first page.</summary>
    public int? NextToken { get; init; }
}

internal sealed record GetJobBookmarksResponse
{
    public required IReadOnlyList<JobBookmarkView> JobBookmarkEntries { get; init; }

    /// <summary>1: this was the last page. Above 1: for the next one.</summary>
    public required int NextToken { get; init; }
}
