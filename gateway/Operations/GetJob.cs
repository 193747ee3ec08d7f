using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Gateway.Operations;

/// <summary>One job definition. In: <see cref="GetJobRequest"/>, out: <see cref="GetJobResponse"/>.</summary>
/// <remarks>Errors: EntityNotFound, whose text clients know (glue-behaviour.md 2.4.3; not StartJobRun's).</remarks>
internal sealed class GetJob(IGrainFactory grains)
    : GlueOperation<GetJobRequest, GetJobResponse>(AwsJson.Wire.GetJobRequest, AwsJson.Wire.GetJobResponse)
{
    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.EntityNotFound];

    protected override IEnumerable<Resource> ResourcesOf(GetJobRequest request) => [Resource.Job(request.JobName)];

    protected override async Task<Outcome<GetJobResponse>> Execute(GetJobRequest request, Caller caller)
    {
        var definition = await grains.Job(caller, request.JobName).Find();
        return definition is null
            ? Refusal.NotFound($"Job with name: {request.JobName} not found.")
            : new GetJobResponse { Job = new JobView(definition) };
    }
}

internal sealed record GetJobRequest
{
    public required string JobName { get; init; }
}

internal sealed record GetJobResponse
{
    public required JobView Job { get; init; }
}
