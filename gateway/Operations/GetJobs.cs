using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.Gateway.Operations;

/// <summary>The job definitions of an account, by name, in pages. In: <see cref="GetJobsRequest"/>, out: <see cref="GetJobsResponse"/>.</summary>
/// <remarks>
/// Errors: InvalidInput for a NextToken of another listing. A job that was deleted while the page was made is left out, so
/// a page may be short without being the last: only an absent NextToken ends the listing.
/// Source: glue-behaviour.md 2.1, 2.3.
/// </remarks>
internal sealed class GetJobs(IGrainFactory grains)
    : GlueOperation<GetJobsRequest, GetJobsResponse>(AwsJson.Wire.GetJobsRequest, AwsJson.Wire.GetJobsResponse)
{
    /// <summary>Jobs on a page when the request does not say; the model caps MaxResults at 1,000. Glue's default is not published.</summary>
    public const int DefaultPageSize = 100;

    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.InvalidInput];

    protected override IEnumerable<Resource> ResourcesOf(GetJobsRequest request) => [Resource.AllJobs];

    protected override async Task<Outcome<GetJobsResponse>> Execute(GetJobsRequest request, Caller caller)
    {
        var listing = new PageToken(Name, caller.Account, Scope: "");
        if (Paging.Resume(request.NextToken, listing, out var after) is { } refusal)
            return refusal;

        var catalog = grains.Catalog(caller);
        var pageSize = request.MaxResults ?? DefaultPageSize;
        var fetched = await catalog.ListNames(after, pageSize + 1);
        var (names, nextToken) = Paging.Cut(fetched, pageSize, listing, name => name);
        var definitions = names.Count > 0 ? await catalog.FindAll(names) : [];
        return new GetJobsResponse
        {
            Jobs = [.. definitions.OfType<JobDefinition>().Select(job => new JobView(job))],
            NextToken = nextToken,
        };
    }
}

internal sealed record GetJobsRequest
{
    public string? NextToken { get; init; }

    /// <summary>1 to 1,000. Default 100.</summary>
    public int? MaxResults { get; init; }
}

internal sealed record GetJobsResponse
{
    public required IReadOnlyList<JobView> Jobs { get; init; }

    /// <summary>Absent on the last page.</summary>
    public string? NextToken { get; init; }
}
