using Microsoft.Extensions.Options;

namespace GlueOrleans.Grains.Runs;

/// <summary>How long a run may stay in which state, and what follows it. Configuration section <c>Runs</c>.</summary>
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

    /// <summary>Between the end of a run that FAILED and the start of its next attempt.</summary>
    /// <remarks>Default 30 s, as in Glue (glue-behaviour.md 3.2.5). May be 0.</remarks>
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a run that was queued may stay in WAITING before it is ended as FAILED; 0 = as long as it takes.</summary>
    /// <remarks>Default 0. Glue once gave up after 15 minutes; its newer text names no bound (glue-behaviour.md 4.3.6).</remarks>
    public TimeSpan QueueDeadline { get; set; } = TimeSpan.Zero;

    /// <summary>The same for a FLEX run that waits for spare capacity.</summary>
    /// <remarks>Default 20 min, as in Glue (glue-behaviour.md 4.4.2). More than 0.</remarks>
    public TimeSpan FlexDeadline { get; set; } = TimeSpan.FromMinutes(20);
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
        if (options.RetryPause < TimeSpan.Zero)
            faults.Add($"Runs:RetryPause is {options.RetryPause}: give 0 or more, such as 00:00:30.");
        if (options.QueueDeadline < TimeSpan.Zero)
            faults.Add($"Runs:QueueDeadline is {options.QueueDeadline}: give 0 for none, or a time such as 00:15:00.");
        if (options.FlexDeadline <= TimeSpan.Zero)
            faults.Add($"Runs:FlexDeadline is {options.FlexDeadline}: give more than 0, such as 00:20:00.");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
