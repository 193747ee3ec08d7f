using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// The definitions of the named jobs. In: <see cref="BatchGetJobsRequest"/>, out: <see cref="BatchGetJobsResponse"/>.
/// </summary>
/// <remarks>Errors: InvalidInput for too many names; an unknown one is none (glue-behaviour.md 2.1, 2.3).</remarks>
internal sealed class BatchGetJobs(IGrainFactory grains)
    : GlueOperation<BatchGetJobsRequest, BatchGetJobsResponse>(
        AwsJson.Wire.BatchGetJobsRequest,
        AwsJson.Wire.BatchGetJobsResponse
    )
{
    /// <summary>Names in one request. The model has no bound; ours is the largest page of GetJobs.</summary>
    public const int MaxNames = 1000;

    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.InvalidInput];

    protected override IEnumerable<Resource> ResourcesOf(BatchGetJobsRequest request) =>
        request.JobNames.Select(Resource.Job);

    protected override async Task<Outcome<BatchGetJobsResponse>> Execute(BatchGetJobsRequest request, Caller caller)
    {
        if (request.JobNames.Count > MaxNames)
        {
            return Refusal.InvalidInput(
                $"JobNames has {request.JobNames.Count} entries: at most {MaxNames} jobs can be fetched at once."
            );
        }

        var names = request.JobNames.Distinct(StringComparer.Ordinal).ToList();
        var definitions = names.Count > 0 ? await grains.Catalog(caller).FindAll(names) : [];
        var jobs = new List<JobView>();
        var missing = new List<string>();
        foreach (var (name, definition) in names.Zip(definitions))
        {
            if (definition is null)
                missing.Add(name);
            else
                jobs.Add(new JobView(definition));
        }

        return new BatchGetJobsResponse { Jobs = jobs, JobsNotFound = missing };
    }
}

internal sealed record BatchGetJobsRequest
{
    /// <summary>Up to <see cref="BatchGetJobs.MaxNames"/>; a name that is given twice is answered once.</summary>
    public required IReadOnlyList<string> JobNames { get; init; }
}

/// <summary>Both lists are always there, in the order of the request.</summary>
internal sealed record BatchGetJobsResponse
{
    public required IReadOnlyList<JobView> Jobs { get; init; }

    public required IReadOnlyList<string> JobsNotFound { get; init; }
}
