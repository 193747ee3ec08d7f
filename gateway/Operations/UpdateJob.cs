using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// Replaces a job definition: a member that is left out is removed or reset to its default, except <c>GlueVersion</c>.
/// In: <see cref="UpdateJobRequest"/>, out: <see cref="UpdateJobResponse"/>.
/// </summary>
/// <remarks>Errors: InvalidInput, EntityNotFound. Runs are not touched. See glue-behaviour.md 2.1, 2.4.1.</remarks>
internal sealed class UpdateJob(IGrainFactory grains)
    : GlueOperation<UpdateJobRequest, UpdateJobResponse>(AwsJson.Wire.UpdateJobRequest, AwsJson.Wire.UpdateJobResponse)
{
    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.InvalidInput, RefusalKind.EntityNotFound];

    protected override IEnumerable<Resource> ResourcesOf(UpdateJobRequest request) => [Resource.Job(request.JobName)];

    protected override async Task<Outcome<UpdateJobResponse>> Execute(UpdateJobRequest request, Caller caller)
    {
        var updated = await grains.Job(caller, request.JobName).Update(request.JobUpdate);
        return updated.IsRefused ? updated.Refusal : new UpdateJobResponse { JobName = updated.Value.Name };
    }
}

internal sealed record UpdateJobRequest
{
    public required string JobName { get; init; }

    /// <summary>The model's structure <c>JobUpdate</c> has exactly the members of <see cref="JobSettings"/>.</summary>
    public required JobSettings JobUpdate { get; init; }
}

internal sealed record UpdateJobResponse
{
    public required string JobName { get; init; }
}
