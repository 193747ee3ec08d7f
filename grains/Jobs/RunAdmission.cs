namespace GlueOrleans.Grains.Jobs;

/// <summary>What admission looks at: the job's limit and how many of its slots are held.</summary>
/// <param name="MaxConcurrentRuns">At least 1.</param>
/// <param name="SlotsHeld">Runs in STARTING, RUNNING or STOPPING, and those whose rows are just being written.</param>
public readonly record struct AdmissionSnapshot(int MaxConcurrentRuns, int SlotsHeld);

public enum AdmissionDecision
{
    Unset = 0,
    Admit,

    /// <summary>All of the job's slots are held.</summary>
    JobConcurrencyLimit,
}

/// <summary>Whether one more run may start. Pure: the grain takes the snapshot and carries out the decision.</summary>
public static class RunAdmission
{
    public static AdmissionDecision Decide(AdmissionSnapshot snapshot) =>
        snapshot.SlotsHeld < snapshot.MaxConcurrentRuns
            ? AdmissionDecision.Admit
            : AdmissionDecision.JobConcurrencyLimit;
}
