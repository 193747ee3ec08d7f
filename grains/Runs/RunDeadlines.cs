using Microsoft.Extensions.Options;

namespace GlueOrleans.Grains.Runs;

/// <summary>How long a run may stay in which state, what follows it, and how long it is kept. Configuration section
/// <c>Runs</c>.</summary>
/// <remarks>
/// The deadlines bound what happens outside of Glue, so they are configured in wall time; but they are kept in rows, which
/// are on the node's clock. Where that runs faster, <see cref="OnAClockAtSpeed"/> has made them longer before anybody
/// reads them.
/// </remarks>
public sealed class RunDeadlines
{
    private double _speed = 1;

    /// <summary>How long a run may stay in STARTING before it is ended as FAILED.</summary>
    /// <remarks>Unit: wall time, &gt; 0, at most a week. Default 2 min. Too short fails healthy runs whose script is slow to
    /// fetch; too long holds a slot. Not a Glue setting: Glue's <c>Timeout</c> is in minutes and starts at RUNNING.</remarks>
    public TimeSpan LaunchDeadline { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a run may stay in STOPPING before it is taken to have ended.</summary>
    /// <remarks>Unit: wall time, &gt; 0, at most a week. Default 2 min. Must be well above the executor's grace period between
    /// SIGTERM and SIGKILL, or a slot is given back while the old process still runs.</remarks>
    public TimeSpan StopDeadline { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Between the end of a run that FAILED and the start of its next attempt.</summary>
    /// <remarks>Unit: time on the node's clock, at least 0, at most a week. Default 30 s, as in Glue: glue-behaviour.md 3.2.5.</remarks>
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a run that was queued may stay in WAITING before it is ended as FAILED; 0 = as long as it takes.</summary>
    /// <remarks>Unit: time on the node's clock, at most a year. Default 0. Glue once gave up after 15 minutes; its newer text names no bound (glue-behaviour.md 4.3.6).</remarks>
    public TimeSpan QueueDeadline { get; set; } = TimeSpan.Zero;

    /// <summary>The same for a FLEX run that waits for spare capacity.</summary>
    /// <remarks>Unit: time on the node's clock, &gt; 0, at most a year. Default 20 min, as in Glue: glue-behaviour.md 4.4.2.</remarks>
    public TimeSpan FlexDeadline { get; set; } = TimeSpan.FromMinutes(20);

    /// <summary>How long a run that has ended is kept, with its directory.</summary>
    /// <remarks>Unit: time on the node's clock, at least an hour (a retry looks at the run before it). Default 90 days, as
    /// Glue has it: glue-behaviour.md 2.3.</remarks>
    public TimeSpan KeepHistory { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Turns the settings in wall time into time on a clock that runs this many times faster. To be called once.</summary>
    public void OnAClockAtSpeed(double speed)
    {
        _speed = speed;
        LaunchDeadline = ToNode(LaunchDeadline);
        StopDeadline = ToNode(StopDeadline);
    }

    /// <summary>A length of wall time, as it passes on the node's clock.</summary>
    public TimeSpan ToNode(TimeSpan wall) =>
        Math.Abs(wall.Ticks * _speed) < TimeSpan.MaxValue.Ticks / 2 ? wall * _speed
        : wall > TimeSpan.Zero ? TimeSpan.MaxValue
        : TimeSpan.MinValue;

    /// <summary>A length of time on the node's clock, as it passes on the wall's: what people who set it know it as.</summary>
    public TimeSpan ToWall(TimeSpan node) => node / _speed;
}

/// <summary>Says at the start which value is wrong, and what would be right.</summary>
public sealed class ValidateRunDeadlines : IValidateOptions<RunDeadlines>
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(7);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(365);
    private static readonly TimeSpan ShortestHistory = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestHistory = TimeSpan.FromDays(36_500);

    public ValidateOptionsResult Validate(string? name, RunDeadlines options)
    {
        List<string> faults = [];
        Check("Runs:LaunchDeadline", options.LaunchDeadline);
        Check("Runs:StopDeadline", options.StopDeadline);
        if (options.KeepHistory < ShortestHistory || options.KeepHistory > LongestHistory)
            faults.Add(
                $"Runs:KeepHistory is {options.KeepHistory}: give from 01:00:00 to {LongestHistory.Days} days, such as 90.00:00:00."
            );
        // Without bounds the end of a run could be an instant that no calendar has, and the run would never end.
        if (options.RetryPause < TimeSpan.Zero || options.RetryPause > Longest)
            faults.Add($"Runs:RetryPause is {options.RetryPause}: give 0 to a week, such as 00:00:30.");
        if (options.QueueDeadline < TimeSpan.Zero || options.QueueDeadline > LongestWait)
            faults.Add(
                $"Runs:QueueDeadline is {options.QueueDeadline}: give 0 for none, or up to {LongestWait.Days} days, such as 00:15:00."
            );
        if (options.FlexDeadline <= TimeSpan.Zero || options.FlexDeadline > LongestWait)
            faults.Add(
                $"Runs:FlexDeadline is {options.FlexDeadline}: give more than 0 and up to {LongestWait.Days} days, such as 00:20:00."
            );
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Check(string setting, TimeSpan deadline)
        {
            var wall = options.ToWall(deadline);
            if (wall <= TimeSpan.Zero || wall > Longest)
                faults.Add($"{setting} is {wall}: give more than 0 and at most a week, such as 00:02:00.");
        }
    }
}
