using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Grains.Runs;

/// <summary>What the run's grain does once the new row is committed, and, but for the two announcements, again after a
/// crash. Each is idempotent.</summary>
public enum RunEffect
{
    Unset = 0,

    /// <summary>Have the executor start the script, or find the process it started before.</summary>
    Launch,

    /// <summary>Have the executor find the process again and watch it.</summary>
    Resume,

    /// <summary>Have the executor end the process and all that it started.</summary>
    StopProcess,

    /// <summary>Have the executor ask the process to end, and leave it the time it needs.</summary>
    DrainProcess,

    /// <summary>Tell the job that the slot is free.</summary>
    ReleaseSlot,

    /// <summary>Tell the world that the run has ended. Best effort, at most once.</summary>
    AnnounceEnd,

    /// <summary>Tell the world that the run is late. Best effort, at most once for each state.</summary>
    AnnounceDelay,
}

/// <summary>What <see cref="RunLifecycle"/> makes of an event.</summary>
public abstract record RunDecision
{
    /// <summary>Store <paramref name="Next"/>, then perform the effects.</summary>
    public sealed record Moved(RunRecord Next, IReadOnlyList<RunEffect> Effects) : RunDecision;

    /// <summary>A duplicate or a late arrival: normal when reports are delivered at least once.</summary>
    public sealed record Ignored(string Reason) : RunDecision;

    /// <summary>Not the lifecycle's word but the store's: the slot was promised under an epoch that is over.</summary>
    public sealed record Fenced(bool ByAccount) : RunDecision;

    /// <summary>The caller asked for what this state forbids.</summary>
    public sealed record Refused(string Reason) : RunDecision;
}
