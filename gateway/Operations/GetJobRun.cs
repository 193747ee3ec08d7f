using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Gateway.Operations;

/// <summary>One run of a job, as committed. In: <see cref="GetJobRunRequest"/>, out: <see cref="GetJobRunResponse"/>.</summary>
/// <remarks>Errors: EntityNotFound (another job's run is none). See glue-behaviour.md 2.1, 3.6.</remarks>
internal sealed class GetJobRun(IGrainFactory grains, ILiveRuns live, TimeProvider time)
    : GlueOperation<GetJobRunRequest, GetJobRunResponse>(AwsJson.Wire.GetJobRunRequest, AwsJson.Wire.GetJobRunResponse)
{
    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.EntityNotFound];

    protected override IEnumerable<Resource> ResourcesOf(GetJobRunRequest request) => [Resource.Job(request.JobName)];

    protected override async Task<Outcome<GetJobRunResponse>> Execute(GetJobRunRequest request, Caller caller)
    {
        // Most often asked for is what is going, again and again.
        if (live.Find(request.RunId) is { } going && going.Job == new JobKey(caller.Account, request.JobName))
            return Shown(going);
        var run = await grains.Job(caller, request.JobName).GetRun(request.RunId);
        return run.IsRefused ? run.Refusal : Shown(run.Value);
    }

    private GetJobRunResponse Shown(RunRecord run) => new() { JobRun = JobRunView.Of(run, time.GetUtcNow()) };
}

internal sealed record GetJobRunRequest
{
    public required string JobName { get; init; }

    public required string RunId { get; init; }

    /// <summary>Accepted; makes no difference while nothing gives a run predecessors.</summary>
    public bool? PredecessorsIncluded { get; init; }
}

internal sealed record GetJobRunResponse
{
    public required JobRunView JobRun { get; init; }
}
