using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// Removes a job definition; deleting nothing succeeds as well. In: <see cref="DeleteJobRequest"/>, out:
/// <see cref="DeleteJobResponse"/>.
/// </summary>
/// <remarks>Errors: none of its own. Runs go on, the history stays. See glue-behaviour.md 2.3, 2.4.7.</remarks>
internal sealed class DeleteJob(IGrainFactory grains)
    : GlueOperation<DeleteJobRequest, DeleteJobResponse>(AwsJson.Wire.DeleteJobRequest, AwsJson.Wire.DeleteJobResponse)
{
    public override IReadOnlyList<RefusalKind> Refusals => [];

    protected override IEnumerable<Resource> ResourcesOf(DeleteJobRequest request) => [Resource.Job(request.JobName)];

    protected override async Task<Outcome<DeleteJobResponse>> Execute(DeleteJobRequest request, Caller caller)
    {
        await grains.Job(caller, request.JobName).Delete();
        return new DeleteJobResponse { JobName = request.JobName };
    }
}

internal sealed record DeleteJobRequest
{
    public required string JobName { get; init; }
}

internal sealed record DeleteJobResponse
{
    public required string JobName { get; init; }
}
