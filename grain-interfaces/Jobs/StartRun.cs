namespace GlueOrleans.GrainInterfaces.Jobs;

/// <summary>What StartJobRun may set for one run. Members left out come from the job.</summary>
[GenerateSerializer, Alias("StartRun"), Immutable]
public sealed record StartRun
{
    /// <summary>A run to retry.</summary>
    [Id(0)]
    public string? JobRunId { get; init; }

    [Id(1)]
    public bool? JobRunQueuingEnabled { get; init; }

    [Id(2)]
    public IReadOnlyDictionary<string, string>? Arguments { get; init; }

    /// <summary>DPUs, whole.</summary>
    [Id(3)]
    public int? AllocatedCapacity { get; init; }

    /// <summary>Minutes.</summary>
    [Id(4)]
    public int? Timeout { get; init; }

    /// <summary>DPUs.</summary>
    [Id(5)]
    public double? MaxCapacity { get; init; }

    [Id(6)]
    public string? SecurityConfiguration { get; init; }

    [Id(7)]
    public NotificationProperty? NotificationProperty { get; init; }

    [Id(8)]
    public string? WorkerType { get; init; }

    [Id(9)]
    public int? NumberOfWorkers { get; init; }

    [Id(10)]
    public string? ExecutionClass { get; init; }

    [Id(11)]
    public string? ExecutionRoleSessionPolicy { get; init; }

    [Id(12)]
    public string? ProfileName { get; init; }

    /// <summary>
    /// What an AWS client sends as <c>amz-sdk-invocation-id</c>: the same for a call and its repetitions. The run's id is
    /// derived from it. <c>null</c>: a random id.
    /// </summary>
    [Id(13)]
    public string? InvocationId { get; init; }

    /// <summary>The trigger on whose behalf the run is started; <c>null</c>: a client's call. What a client would be told as
    /// a refusal becomes the record of a failed run (glue-behaviour.md 3.1).</summary>
    [Id(14)]
    public string? TriggerName { get; init; }

    /// <summary>Nobody has made this call before, as far as client and gateway know: its run is not looked for first. Should
    /// they be wrong, it is found all the same, with more effort.</summary>
    [Id(15)]
    public bool IsFirstTry { get; init; }
}
