using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// Asks runs of one job to stop. In: <see cref="BatchStopJobRunRequest"/>, out: <see cref="BatchStopJobRunResponse"/>.
/// </summary>
/// <remarks>
/// Errors: none of its own. An id that cannot be stopped, and a job that does not exist, are entries of <c>Errors</c> in a
/// response with status 200. Success means submitted: STOPPING now and STOPPED later. Source: glue-behaviour.md 3.5.
/// </remarks>
internal sealed class BatchStopJobRun(IGrainFactory grains)
    : GlueOperation<BatchStopJobRunRequest, BatchStopJobRunResponse>(
        AwsJson.Wire.BatchStopJobRunRequest,
        AwsJson.Wire.BatchStopJobRunResponse
    )
{
    public override IReadOnlyList<RefusalKind> Refusals => [];

    protected override IEnumerable<Resource> ResourcesOf(BatchStopJobRunRequest request) =>
        [Resource.Job(request.JobName)];

    protected override async Task<Outcome<BatchStopJobRunResponse>> Execute(
        BatchStopJobRunRequest request,
        Caller caller
    )
    {
        var answers = await grains.Job(caller, request.JobName).StopRuns(request.JobRunIds);
        var submitted = new List<BatchStopJobRunSuccessfulSubmission>();
        var errors = new List<BatchStopJobRunError>();
        foreach (var answer in answers)
        {
            if (ErrorOf(answer, request.JobName) is { } detail)
            {
                errors.Add(
                    new BatchStopJobRunError
                    {
                        JobName = request.JobName,
                        JobRunId = answer.RunId,
                        ErrorDetail = detail,
                    }
                );
            }
            else
            {
                submitted.Add(
                    new BatchStopJobRunSuccessfulSubmission { JobName = request.JobName, JobRunId = answer.RunId }
                );
            }
        }

        return new BatchStopJobRunResponse { SuccessfulSubmissions = submitted, Errors = errors };
    }

    /// <summary>
    /// The codes are a guess, kept in this one place: AWS publishes none. They are the names of exceptions that the
    /// exceptions page lists without an operation that declares them (glue-behaviour.md 3.5.4).
    /// </summary>
    private static ErrorDetail? ErrorOf(StopRunAnswer answer, string jobName) =>
        answer.Result switch
        {
            StopRunResult.Submitted => null,
            StopRunResult.NotFound => new ErrorDetail
            {
                ErrorCode = "EntityNotFoundException",
                ErrorMessage = $"Job run {answer.RunId} of job {jobName} not found.",
            },
            StopRunResult.AlreadyEnded => new ErrorDetail
            {
                ErrorCode = "JobRunInTerminalStateException",
                ErrorMessage = $"Job run {answer.RunId} has already ended.",
            },
            _ => throw new InvalidOperationException($"{answer.Result} is no answer to a stop of run {answer.RunId}."),
        };
}

internal sealed record BatchStopJobRunRequest
{
    public required string JobName { get; init; }

    /// <summary>1 to 25; each is answered, even if it is there twice.</summary>
    public required IReadOnlyList<string> JobRunIds { get; init; }
}

/// <summary>Both lists are always there: clients test them without looking first (glue-behaviour.md 3.5.2).</summary>
internal sealed record BatchStopJobRunResponse
{
    public required IReadOnlyList<BatchStopJobRunSuccessfulSubmission> SuccessfulSubmissions { get; init; }

    public required IReadOnlyList<BatchStopJobRunError> Errors { get; init; }
}

internal sealed record BatchStopJobRunSuccessfulSubmission
{
    public required string JobName { get; init; }

    public required string JobRunId { get; init; }
}

internal sealed record BatchStopJobRunError
{
    public required string JobName { get; init; }

    public required string JobRunId { get; init; }

    public required ErrorDetail ErrorDetail { get; init; }
}

internal sealed record ErrorDetail
{
    public required string ErrorCode { get; init; }

    public required string ErrorMessage { get; init; }
}
