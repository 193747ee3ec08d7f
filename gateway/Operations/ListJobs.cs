using System.Globalization;
using System.Text;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// The names of an account's jobs, in ordinal order, in pages; with <c>Tags</c>, of those that have all of them.
/// In: <see cref="ListJobsRequest"/>, out: <see cref="ListJobsResponse"/>.
/// </summary>
/// <remarks>
/// Errors: InvalidInput for a NextToken of another listing; the filter is part of what a token is bound to. The filter is
/// applied to one page of names at a time, so a page may be short, even empty, without being the last.
/// Source: glue-behaviour.md 2.1.
/// </remarks>
internal sealed class ListJobs(IGrainFactory grains)
    : GlueOperation<ListJobsRequest, ListJobsResponse>(AwsJson.Wire.ListJobsRequest, AwsJson.Wire.ListJobsResponse)
{
    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.InvalidInput];

    protected override IEnumerable<Resource> ResourcesOf(ListJobsRequest request) => [Resource.AllJobs];

    protected override async Task<Outcome<ListJobsResponse>> Execute(ListJobsRequest request, Caller caller)
    {
        var tags = request.Tags is { Count: > 0 } given ? given : null;
        var listing = new PageToken(Name, caller.Account, Scope: tags is null ? "" : Canonical(tags));
        if (Paging.Resume(request.NextToken, listing, out var after) is { } refusal)
            return refusal;

        var catalog = grains.Catalog(caller);
        var pageSize = request.MaxResults ?? GetJobs.DefaultPageSize;
        var fetched = await catalog.ListNames(after, pageSize + 1);
        var (names, nextToken) = Paging.Cut(fetched, pageSize, listing, name => name);
        if (tags is not null && names.Count > 0)
        {
            var definitions = await catalog.FindAll(names);
            names = [.. definitions.OfType<JobDefinition>().Where(job => HasAll(job, tags)).Select(job => job.Name)];
        }

        return new ListJobsResponse { JobNames = names, NextToken = nextToken };
    }

    private static bool HasAll(JobDefinition job, IReadOnlyDictionary<string, string> tags) =>
        tags.All(tag =>
            job.Tags.TryGetValue(tag.Key, out var value) && string.Equals(value, tag.Value, StringComparison.Ordinal)
        );

    /// <summary>The same text for the same tags in any order, and different text for different tags.</summary>
    private static string Canonical(IReadOnlyDictionary<string, string> tags)
    {
        var text = new StringBuilder();
        foreach (var (key, value) in tags.OrderBy(tag => tag.Key, StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"{key.Length}:{key}{value.Length}:{value}");
        return text.ToString();
    }
}

internal sealed record ListJobsRequest
{
    public string? NextToken { get; init; }

    /// <summary>1 to 1,000. Default 100.</summary>
    public int? MaxResults { get; init; }

    /// <summary>At most 50, all of which a job must have. Default: no filter.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }
}

internal sealed record ListJobsResponse
{
    public required IReadOnlyList<string> JobNames { get; init; }

    /// <summary>Absent on the last page.</summary>
    public string? NextToken { get; init; }
}
