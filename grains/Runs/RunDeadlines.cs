using Microsoft.Extensions.Options;

namespace GlueOrleans.Grains.Runs;

/// <summary>How long a run may stay in the states that ought to be short. Configuration section <c>Runs</c>.</summary>
public sealed class RunDeadlines
{
    /// <summary>How long a run may stay in STARTING before it is ended as FAILED.</summary>
    /// <remarks>Unit: wall time, &gt; 0. Default 2 min. Too short fails healthy runs whose script is slow to fetch; too long
    /// holds a slot. Not a Glue setting: Glue's <c>Timeout</c> is in minutes and starts at RUNNING.</remarks>
    public TimeSpan LaunchDeadline { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a run may stay in STOPPING before it is taken to have ended.</summary>
    /// <remarks>Unit: wall time. Default 2 min. Must be well above the executor's grace period between SIGTERM and SIGKILL,
    /// or a slot is given back while the old process still runs.</remarks>
    public TimeSpan StopDeadline { get; set; } = TimeSpan.FromMinutes(2);
}

/// <summary>Says at the start which value is wrong, and what would be right.</summary>
public sealed class ValidateRunDeadlines : IValidateOptions<RunDeadlines>
{
    public ValidateOptionsResult Validate(string? name, RunDeadlines options)
    {
        List<string> faults = [];
        if (options.LaunchDeadline <= TimeSpan.Zero)
            faults.Add($"Runs:LaunchDeadline is {options.LaunchDeadline}: give more than 0, such as 00:02:00.");
        if (options.StopDeadline <= TimeSpan.Zero)
            faults.Add($"Runs:StopDeadline is {options.StopDeadline}: give more than 0, such as 00:02:00.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
