using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// Admits one run of a job and answers with its id, once the run is committed. In: <see cref="StartJobRunRequest"/>, out:
/// <see cref="StartJobRunResponse"/>.
/// </summary>
/// <remarks>
/// Errors: EntityNotFound (no such job, run to retry, security configuration or usage profile), InvalidInput (also: the
/// usage profile does not allow it), ConcurrentRunsExceeded (no run is created), ResourceNumberLimitExceeded (the
/// account's runs, DPUs or queue). After an InternalServiceException the run may exist; AWS's clients then repeat the call
/// under the same invocation id, and get that run.
/// Source: glue-behaviour.md 2.1, 3.2, 4.1.
/// </remarks>
internal sealed class StartJobRun(IGrainFactory grains)
    : GlueOperation<StartJobRunRequest, StartJobRunResponse>(
        AwsJson.Wire.StartJobRunRequest,
        AwsJson.Wire.StartJobRunResponse
    )
{
    public override IReadOnlyList<RefusalKind> Refusals =>
        [
            RefusalKind.EntityNotFound,
            RefusalKind.InvalidInput,
            RefusalKind.ConcurrentRunsExceeded,
            RefusalKind.ResourceNumberLimitExceeded,
        ];

    protected override IEnumerable<Resource> ResourcesOf(StartJobRunRequest request) => [Resource.Job(request.JobName)];

    protected override async Task<Outcome<StartJobRunResponse>> Execute(StartJobRunRequest request, Caller caller)
    {
        var started = await grains
            .Job(caller, request.JobName)
            .StartRun(
                new StartRun
                {
                    JobRunId = request.JobRunId,
                    JobRunQueuingEnabled = request.JobRunQueuingEnabled,
                    Arguments = request.Arguments,
                    AllocatedCapacity = request.AllocatedCapacity,
                    Timeout = request.Timeout,
                    MaxCapacity = request.MaxCapacity,
                    SecurityConfiguration = request.SecurityConfiguration,
                    NotificationProperty = request.NotificationProperty,
                    WorkerType = request.WorkerType,
                    NumberOfWorkers = request.NumberOfWorkers,
                    ExecutionClass = request.ExecutionClass,
                    ExecutionRoleSessionPolicy = request.ExecutionRoleSessionPolicy,
                    ProfileName = request.ProfileName,
                    InvocationId = caller.InvocationId,
                    IsFirstTry = caller.IsFirstTry,
                }
            );
        return started.IsRefused ? started.Refusal : new StartJobRunResponse { JobRunId = started.Value };
    }
}

/// <summary>What to run, and what differs from the job for this run only.</summary>
internal sealed record StartJobRunRequest
{
    public required string JobName { get; init; }

    /// <summary>An earlier run of the job to retry. Has other names elsewhere (glue-behaviour.md 2.3).</summary>
    public string? JobRunId { get; init; }

    /// <summary>Whether the run may wait in WAITING instead of being refused over a limit. Default: the job's.</summary>
    public bool? JobRunQueuingEnabled { get; init; }

    /// <summary>Override the job's default arguments, key by key.</summary>
    public IReadOnlyDictionary<string, string>? Arguments { get; init; }

    /// <summary>DPUs, whole. Deprecated.</summary>
    public int? AllocatedCapacity { get; init; }

    /// <summary>Minutes of RUNNING, at least 1. Default: the job's.</summary>
    public int? Timeout { get; init; }

    /// <summary>DPUs. Not together with WorkerType and NumberOfWorkers.</summary>
    public double? MaxCapacity { get; init; }

    /// <summary>Default: the job's. Has to exist.</summary>
    public string? SecurityConfiguration { get; init; }

    public NotificationProperty? NotificationProperty { get; init; }

    public string? WorkerType { get; init; }

    public int? NumberOfWorkers { get; init; }

    /// <summary><c>FLEX</c> or <c>STANDARD</c>.</summary>
    public string? ExecutionClass { get; init; }

    /// <summary>2 to 2,048 characters. Kept and shown; no role is assumed.</summary>
    public string? ExecutionRoleSessionPolicy { get; init; }

    /// <summary>The usage profile to start it under. Not in the SDK's model: see <see cref="ModelDeviations.ExtraMembers"/>.</summary>
    public string? ProfileName { get; init; }
}

internal sealed record StartJobRunResponse
{
    public required string JobRunId { get; init; }
}
