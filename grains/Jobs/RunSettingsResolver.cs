using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;

namespace GlueOrleans.Grains.Jobs;

/// <summary>What a run is started with: the request over the job, member by member and argument by argument.</summary>
public static class RunSettingsResolver
{
    /// <summary>Refusal: InvalidInput.</summary>
    public static Outcome<RunSettings> Resolve(JobSettings job, StartRun request)
    {
        var problem =
            JobRules.TimeoutProblem(request.Timeout)
            ?? ArgumentRules.Problem(nameof(request.Arguments), request.Arguments);
        if (problem is not null)
            return Refusal.InvalidInput(problem);

        var scriptArguments = Merge(job.DefaultArguments, request.Arguments, job.NonOverridableArguments);
        if (ScriptArgumentsProblem(scriptArguments) is { } scriptProblem)
            return Refusal.InvalidInput(scriptProblem);

        var asked = new Capacity(
            request.AllocatedCapacity,
            request.MaxCapacity,
            request.WorkerType,
            request.NumberOfWorkers
        );
        var command = job.Command!.Name!;
        var capacity = asked.IsUnset ? OfJob(job) : CapacityRules.Resolve(command, job.GlueVersion, asked);
        if (capacity.IsRefused)
            return capacity.Refusal;

        var executionClass = request.ExecutionClass ?? job.ExecutionClass;
        var workerType = capacity.Value.WorkerType;
        if (ExecutionClassRules.Problem(executionClass, command, job.GlueVersion, workerType) is { } misfit)
            return Refusal.InvalidInput(misfit);

        var securityConfiguration = request.SecurityConfiguration ?? job.SecurityConfiguration;
        return new RunSettings
        {
            // A run started without arguments shows none, although its script gets the job's defaults.
            Arguments = request.Arguments is { Count: > 0 } ? request.Arguments : null,
            ScriptArguments = scriptArguments,
            Command = job.Command,
            Timeout = request.Timeout ?? job.Timeout,
            AllocatedCapacity = capacity.Value.AllocatedCapacity ?? 0,
            MaxCapacity = capacity.Value.MaxCapacity ?? 0,
            WorkerType = workerType,
            NumberOfWorkers = capacity.Value.NumberOfWorkers,
            SecurityConfiguration = securityConfiguration,
            NotificationProperty = request.NotificationProperty ?? job.NotificationProperty,
            GlueVersion = job.GlueVersion,
            ExecutionClass = executionClass,
            MaintenanceWindow = job.MaintenanceWindow,
            ProfileName = request.ProfileName,
            ExecutionRoleSessionPolicy = request.ExecutionRoleSessionPolicy,
            JobMode = job.JobMode ?? "SCRIPT",
            MaxRetries = job.MaxRetries ?? 0,
            JobRunQueuingEnabled = request.JobRunQueuingEnabled ?? job.JobRunQueuingEnabled ?? false,
            LogGroupName = LogGroup(job, securityConfiguration),
        };
    }

    /// <summary>What can be said of a run whose job does not exist.</summary>
    public static RunSettings WithoutJob(StartRun request) =>
        new()
        {
            Arguments = request.Arguments is { Count: > 0 } ? request.Arguments : null,
            ScriptArguments = request.Arguments ?? new Dictionary<string, string>(),
            Command = new JobCommand(),
            Timeout = request.Timeout,
            JobMode = "SCRIPT",
            LogGroupName = "/aws-glue/jobs",
        };

    /// <remarks>The job's capacity was resolved when it was stored.</remarks>
    private static Outcome<Capacity> OfJob(JobSettings job) =>
        new Capacity(job.AllocatedCapacity, job.MaxCapacity, job.WorkerType, job.NumberOfWorkers);

    /// <summary>The job's arguments and the run's, each within the limit, need not be so together.</summary>
    private static string? ScriptArgumentsProblem(IReadOnlyDictionary<string, string> merged) =>
        ArgumentRules.Problem("The arguments of the run and of its job together", merged)
        ?? BookmarkOptions.Parse(merged).Refusal?.Message;

    private static Dictionary<string, string> Merge(params IReadOnlyDictionary<string, string>?[] weakestFirst)
    {
        var merged = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var arguments in weakestFirst)
        {
            foreach (var (name, value) in arguments ?? new Dictionary<string, string>())
                merged[name] = value;
        }

        return merged;
    }

    /// <summary><c>/aws-glue/jobs</c>, or <c>/aws-glue/python-jobs</c>; with a security configuration followed by
    /// <c>-role-configuration/</c>.</summary>
    private static string LogGroup(JobSettings job, string? securityConfiguration)
    {
        var group = job.Command!.Name == JobCommands.PythonShell ? "/aws-glue/python-jobs" : "/aws-glue/jobs";
        if (securityConfiguration is null)
            return group;
        var role = job.Role![(job.Role!.LastIndexOf('/') + 1)..];
        return $"{group}-{role}-{securityConfiguration}/";
    }
}
