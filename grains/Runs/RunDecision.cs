using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Grains.Runs;

/// <summary>What the run's grain does once the new row is committed, and again after a crash. Each is idempotent.</summary>
public enum RunEffect
{
    Unset = 0,

    /// <summary>Have the executor start the script, or find the process it started before.</summary>
    Launch,

    /// <summary>Have the executor find the process again and watch it.</summary>
    Resume,

    /// <summary>Have the executor end the process and all that it started.</summary>
    StopProcess,

    /// <summary>Tell the job that the slot is free.</summary>
    ReleaseSlot,
}

/// <summary>What <see cref="RunLifecycle"/> makes of an event.</summary>
public abstract record RunDecision
{
    /// <summary>Store <paramref name="Next"/>, then perform the effects.</summary>
    public sealed record Moved(RunRecord Next, IReadOnlyList<RunEffect> Effects) : RunDecision;

    /// <summary>A duplicate or a late arrival: normal when reports are delivered at least once.</summary>
    public sealed record Ignored(string Reason) : RunDecision;

    /// <summary>The caller asked for what this state forbids.</summary>
    public sealed record Refused(string Reason) : RunDecision;
}
