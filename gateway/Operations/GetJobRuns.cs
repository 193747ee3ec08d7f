using System.Globalization;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// The runs of a job, newest first, in pages. In: <see cref="GetJobRunsRequest"/>, out: <see cref="GetJobRunsResponse"/>.
/// </summary>
/// <remarks>
/// Errors: EntityNotFound (no such job and no history of one), InvalidInput for a NextToken of another listing. Pages by
/// the ordinal of the last run shown, so runs that start meanwhile shift nothing. See glue-behaviour.md 2.1, 3.6.1.
/// </remarks>
internal sealed class GetJobRuns(IGrainFactory grains, TimeProvider time)
    : GlueOperation<GetJobRunsRequest, GetJobRunsResponse>(
        AwsJson.Wire.GetJobRunsRequest,
        AwsJson.Wire.GetJobRunsResponse
    )
{
    /// <summary>Runs on a page unless the request says: the limit (glue-behaviour.md 3.6.1, a guess).</summary>
    public const int DefaultPageSize = 200;

    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.InvalidInput, RefusalKind.EntityNotFound];

    protected override IEnumerable<Resource> ResourcesOf(GetJobRunsRequest request) => [Resource.Job(request.JobName)];

    protected override async Task<Outcome<GetJobRunsResponse>> Execute(GetJobRunsRequest request, Caller caller)
    {
        var listing = new PageToken(Name, caller.Account, Scope: request.JobName);
        if (Paging.Resume(request.NextToken, listing, out var position) is { } refusal)
            return refusal;

        long? before = null;
        if (position is not null)
        {
            // Only a forged token has a good checksum and a bad position.
            if (!long.TryParse(position, NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal))
                return Paging.InvalidToken;
            before = ordinal;
        }

        var pageSize = request.MaxResults ?? DefaultPageSize;
        var runs = await grains.Job(caller, request.JobName).ListRuns(before, pageSize + 1);
        if (runs.IsRefused)
            return runs.Refusal;

        var (page, nextToken) = Paging.Cut(
            runs.Value,
            pageSize,
            listing,
            run => run.Ordinal.ToString(CultureInfo.InvariantCulture)
        );
        var now = time.GetUtcNow();
        return new GetJobRunsResponse
        {
            JobRuns = [.. page.Select(run => JobRunView.Of(run, now))],
            NextToken = nextToken,
        };
    }
}

internal sealed record GetJobRunsRequest
{
    public required string JobName { get; init; }

    public string? NextToken { get; init; }

    /// <summary>1 to 200. Default 200.</summary>
    public int? MaxResults { get; init; }
}

internal sealed record GetJobRunsResponse
{
    /// <summary>Newest first: scripts find their own run at index 0 (glue-behaviour.md 8.6).</summary>
    public required IReadOnlyList<JobRunView> JobRuns { get; init; }

    /// <summary>Absent on the last page.</summary>
    public string? NextToken { get; init; }
}
