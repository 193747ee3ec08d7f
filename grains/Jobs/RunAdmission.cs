namespace GlueOrleans.Grains.Jobs;

/// <summary>What admission looks at: the job's limit, how many of its slots are held, and who is before.</summary>
/// <param name="Limit">Runs of the job at a time, at least 1.</param>
/// <param name="SlotsHeld">Runs in STARTING, RUNNING or STOPPING, and those whose rows are just being written.</param>
/// <param name="OthersWait">Whether runs of the same kind wait already, so that this one must not start before them.</param>
/// <param name="MayQueue">Whether the run may wait (job run queuing).</param>
/// <param name="ByTrigger">Whether a trigger starts it: then nobody is there to be refused.</param>
/// <param name="IsFlex">Whether it waits for spare capacity whatever its job's queuing.</param>
public readonly record struct AdmissionSnapshot(
    int Limit,
    int SlotsHeld,
    bool OthersWait,
    bool MayQueue,
    bool ByTrigger,
    bool IsFlex = false
);

public enum AdmissionDecision
{
    Unset = 0,

    /// <summary>The job has a slot; its account is to be asked.</summary>
    AskAccount,

    /// <summary>The run waits for one of the job's slots, or behind those that wait already.</summary>
    Queue,

    /// <summary>The caller is told that the job's limit is reached. No run is created.</summary>
    Refuse,

    /// <summary>A run is created that has failed already.</summary>
    RecordFailure,
}

/// <summary>Whether one more run may start. Pure: the grain takes the snapshot and carries out the decision.</summary>
public static class RunAdmission
{
    /// <remarks>
    /// FLEX runs that wait for spare capacity and queued runs are lines of their own. Source: glue-behaviour.md 4.1, 4.3,
    /// 4.4.2; that another run which may not queue is refused while others wait, is our choice: it would overtake them.
    /// </remarks>
    public static AdmissionDecision Decide(AdmissionSnapshot snapshot)
    {
        var hasSlot = snapshot.SlotsHeld < snapshot.Limit;
        if (hasSlot && !snapshot.OthersWait)
            return AdmissionDecision.AskAccount;
        if (snapshot.MayQueue || (snapshot.IsFlex && hasSlot))
            return AdmissionDecision.Queue;
        return snapshot.ByTrigger ? AdmissionDecision.RecordFailure : AdmissionDecision.Refuse;
    }

    /// <summary>
    /// Whether job run queuing applies to a run. FLEX runs and those with retries are excluded from it although they may
    /// have the flag; they are treated as if they had not (glue-behaviour.md 4.3.4: the older page says so of retries).
    /// </summary>
    public static bool MayQueue(GrainInterfaces.Runs.RunSettings settings) =>
        settings is { JobRunQueuingEnabled: true, IsFlex: false, MaxRetries: 0 };
}
