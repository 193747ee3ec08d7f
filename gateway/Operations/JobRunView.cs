using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Gateway.Operations;

/// <summary>The model's structure <c>JobRun</c>: one run as it is shown (glue-behaviour.md 3.3, 3.6).</summary>
internal sealed record JobRunView
{
    /// <summary>"No limit", as the API shows it: 0, as for streaming jobs (glue-behaviour.md 5.1.2).</summary>
    private const int NoTimeout = 0;

    public required string Id { get; init; }

    /// <summary>0 for the first attempt, N for the N-th automatic retry, which is a run of its own.</summary>
    public required int Attempt { get; init; }

    public string? PreviousRunId { get; init; }

    /// <summary>Absent unless a trigger started the run.</summary>
    public string? TriggerName { get; init; }

    public required string JobName { get; init; }

    public required string JobMode { get; init; }

    public required bool JobRunQueuingEnabled { get; init; }

    /// <summary>When the run was accepted. Epoch seconds on the wire, as the two that follow.</summary>
    public required DateTimeOffset StartedOn { get; init; }

    /// <summary>When the state last changed.</summary>
    public required DateTimeOffset LastModifiedOn { get; init; }

    /// <summary>Absent until the run has ended.</summary>
    public DateTimeOffset? CompletedOn { get; init; }

    public required string JobRunState { get; init; }

    /// <summary>The run's own, without the job's defaults; absent if it had none (glue-behaviour.md 3.6.4).</summary>
    public IReadOnlyDictionary<string, string>? Arguments { get; init; }

    public string? ErrorMessage { get; init; }

    /// <summary>Always there, and always empty: no triggers are served here yet, and only they make predecessors.</summary>
    public IReadOnlyList<PredecessorView> PredecessorRuns { get; init; } = [];

    /// <summary>DPUs, whole.</summary>
    public required int AllocatedCapacity { get; init; }

    /// <summary>Whole seconds since the script began, until now or the end; 0 before.</summary>
    public required int ExecutionTime { get; init; }

    /// <summary>Minutes; 0 = no limit.</summary>
    public required int Timeout { get; init; }

    /// <summary>DPUs.</summary>
    public required double MaxCapacity { get; init; }

    public string? WorkerType { get; init; }

    public int? NumberOfWorkers { get; init; }

    public string? SecurityConfiguration { get; init; }

    /// <summary>There from the first moment: log group names begin with it (glue-behaviour.md 8.1, 8.2).</summary>
    public required string LogGroupName { get; init; }

    public NotificationProperty? NotificationProperty { get; init; }

    public string? GlueVersion { get; init; }

    /// <summary>Executors' seconds times DPUs of one. Absent but for FLEX and auto-scaled runs (glue-behaviour.md 4.4.3).</summary>
    /// <remarks>An approximation, and an upper bound: all DPUs of the run for as long as it was executing. Which executors came
    /// and went is known to Spark, not here.</remarks>
    public double? DPUSeconds { get; init; }

    /// <summary>Absent unless it was set.</summary>
    public string? ExecutionClass { get; init; }

    public string? MaintenanceWindow { get; init; }

    public string? ProfileName { get; init; }

    /// <summary>In WAITING: the limit that the run waits for, its value, and the run's place in the queue.</summary>
    public string? StateDetail { get; init; }

    public string? ExecutionRoleSessionPolicy { get; init; }

    /// <param name="run">As committed.</param>
    /// <param name="now">Until when a run that has not ended has been executing.</param>
    public static JobRunView Of(RunRecord run, DateTimeOffset now)
    {
        var settings = run.Settings;
        var executionTime = ExecutionSeconds(run, now);
        return new JobRunView
        {
            Id = run.Id,
            Attempt = run.Attempt,
            PreviousRunId = run.PreviousRunId,
            TriggerName = run.TriggerName,
            JobName = run.Job.Name,
            JobMode = settings.JobMode,
            JobRunQueuingEnabled = settings.JobRunQueuingEnabled,
            StartedOn = run.StartedOn,
            LastModifiedOn = run.LastModifiedOn,
            CompletedOn = run.CompletedOn,
            JobRunState = run.State.ToGlueName(),
            Arguments = settings.Arguments,
            ErrorMessage = run.ErrorMessage,
            AllocatedCapacity = settings.AllocatedCapacity,
            ExecutionTime = executionTime,
            Timeout = settings.Timeout ?? NoTimeout,
            MaxCapacity = settings.MaxCapacity,
            WorkerType = settings.WorkerType,
            NumberOfWorkers = settings.NumberOfWorkers,
            SecurityConfiguration = settings.SecurityConfiguration,
            LogGroupName = settings.LogGroupName,
            NotificationProperty = settings.NotificationProperty,
            GlueVersion = settings.GlueVersion,
            DPUSeconds = IsMetered(settings) ? executionTime * settings.MaxCapacity : null,
            ExecutionClass = settings.ExecutionClass,
            MaintenanceWindow = settings.MaintenanceWindow,
            ProfileName = settings.ProfileName,
            StateDetail = run.StateDetail,
            ExecutionRoleSessionPolicy = settings.ExecutionRoleSessionPolicy,
        };
    }

    /// <summary>Auto scaling is asked for with an argument, and none but this value turns it on.</summary>
    private static bool IsMetered(RunSettings settings) =>
        settings.ExecutionClass == "FLEX"
        || string.Equals(
            settings.ScriptArguments.GetValueOrDefault("--enable-auto-scaling"),
            "true",
            StringComparison.OrdinalIgnoreCase
        );

    /// <summary>Never negative: the node that answers may have an earlier clock than the one that saw the script begin.</summary>
    private static int ExecutionSeconds(RunRecord run, DateTimeOffset now)
    {
        if (run.RunningSince is not { } since)
            return 0;
        var seconds = ((run.CompletedOn ?? now) - since).TotalSeconds;
        return (int)Math.Clamp(seconds, 0, int.MaxValue);
    }
}

/// <summary>The model's structure <c>Predecessor</c>.</summary>
internal sealed record PredecessorView
{
    public required string JobName { get; init; }

    public required string RunId { get; init; }
}
