using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.Grains.Jobs;

/// <summary>Glue's rules for a job definition that its model does not state, and the values that Glue fills in.</summary>
/// <remarks>
/// What means nothing for the job's command is kept and has no effect, as far as is known of Glue: a maintenance window of a
/// job that is not streaming, a Python version or runtime of another command, queuing of a job with retries or FLEX. Bookmark arguments are looked at when a run starts, because it can override them.
/// Source: glue-behaviour.md 2.4, 4.3.4, 5.3.4, 5.6.
/// </remarks>
public static class JobRules
{
    public const int MostRetries = 10;

    /// <summary>Minutes. A timeout must be less than seven days.</summary>
    public const int TimeoutLimit = 7 * 24 * 60;

    /// <summary>The settings as they are stored: valid, with every default in place. Refusal: InvalidInput.</summary>
    /// <param name="sent">What CreateJob or UpdateJob sent.</param>
    /// <param name="keptGlueVersion">The version an UpdateJob keeps when it names none: the only member it does not reset.</param>
    /// <param name="defaults">The site's own defaults.</param>
    public static Outcome<JobSettings> Complete(JobSettings sent, string? keptGlueVersion, GlueDefaults defaults)
    {
        if (Problem(sent) is { } problem)
            return Refusal.InvalidInput(problem);

        var command = sent.Command!.Name!;
        var glueVersion =
            sent.GlueVersion ?? keptGlueVersion ?? (command == JobCommands.PythonShell ? null : defaults.GlueVersion);
        var capacity = CapacityRules.Resolve(
            command,
            glueVersion,
            new Capacity(sent.AllocatedCapacity, sent.MaxCapacity, sent.WorkerType, sent.NumberOfWorkers)
        );
        if (capacity.IsRefused)
            return capacity.Refusal;
        if (ExecutionClassRules.Problem(sent.ExecutionClass, command, glueVersion, sent.WorkerType) is { } misfit)
            return Refusal.InvalidInput(misfit);

        return sent with
        {
            JobMode = sent.JobMode ?? "SCRIPT",
            JobRunQueuingEnabled = sent.JobRunQueuingEnabled ?? false,
            ExecutionProperty = new ExecutionProperty
            {
                MaxConcurrentRuns = sent.ExecutionProperty?.MaxConcurrentRuns ?? 1,
            },
            MaxRetries = sent.MaxRetries ?? 0,
            GlueVersion = glueVersion,
            Timeout = sent.Timeout ?? DefaultTimeout(command, glueVersion),
            AllocatedCapacity = capacity.Value.AllocatedCapacity,
            MaxCapacity = capacity.Value.MaxCapacity,
        };
    }

    /// <summary>Whether the settings say nothing on how large the job is.</summary>
    public static bool IsUnsized(JobSettings sent) =>
        new Capacity(sent.AllocatedCapacity, sent.MaxCapacity, sent.WorkerType, sent.NumberOfWorkers).IsUnset;

    /// <summary>Whether a run may be given this timeout, as the sentence of the refusal; <c>null</c> when it may.</summary>
    public static string? TimeoutProblem(int? minutes) =>
        minutes >= TimeoutLimit
            ? $"Timeout {minutes} is not valid: it must be less than 7 days, or {TimeoutLimit} minutes."
            : null;

    private static string? Problem(JobSettings sent)
    {
        if (string.IsNullOrEmpty(sent.Role))
            return "Role should not be null or empty";
        if (string.IsNullOrEmpty(sent.Command?.Name))
            return "Command name should not be null or empty";
        if (!JobCommands.All.Contains(sent.Command.Name))
        {
            return $"Command name '{sent.Command.Name}' is not valid: use one of {string.Join(", ", JobCommands.All)}.";
        }

        if (sent.MaxRetries is < 0 or > MostRetries)
            return $"MaxRetries {sent.MaxRetries} is not valid: it must be from 0 to {MostRetries}.";
        if (sent.ExecutionProperty?.MaxConcurrentRuns < 1)
        {
            return $"MaxConcurrentRuns {sent.ExecutionProperty.MaxConcurrentRuns} is not valid: it must be at least 1.";
        }

        if (sent.Command.ScriptLocation?.Contains('\0') == true)
            return "ScriptLocation contains a NUL character, which no path can have.";

        return TimeoutProblem(sent.Timeout)
            ?? ArgumentRules.Problem(nameof(sent.DefaultArguments), sent.DefaultArguments)
            ?? ArgumentRules.Problem(nameof(sent.NonOverridableArguments), sent.NonOverridableArguments);
    }

    /// <summary>Minutes: 2,880 up to Glue 4.0 and for python shell, 480 from Glue 5.0 on; none for streaming.</summary>
    private static int? DefaultTimeout(string command, string? glueVersion) =>
        command switch
        {
            JobCommands.SparkStreaming => null,
            JobCommands.PythonShell => 2880,
            _ => GlueVersions.Major(glueVersion) >= 5 ? 480 : 2880,
        };
}
