namespace GlueOrleans.GrainInterfaces.Runs;

/// <summary>Glue's ten run states. Zero is none of them, so that an unset value is seen and rejected.</summary>
public enum JobRunState
{
    Unset = 0,
    Waiting,
    Starting,
    Running,
    Stopping,
    Stopped,
    Succeeded,
    Failed,
    Timeout,
    Error,
    Expired,
}

public static class JobRunStates
{
    /// <summary>A run in a terminal state never moves again; a retry is a new run.</summary>
    public static bool IsTerminal(this JobRunState state) =>
        state switch
        {
            JobRunState.Waiting or JobRunState.Starting or JobRunState.Running or JobRunState.Stopping => false,
            JobRunState.Stopped
            or JobRunState.Succeeded
            or JobRunState.Failed
            or JobRunState.Timeout
            or JobRunState.Error
            or JobRunState.Expired => true,
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a state of a job run."),
        };

    /// <summary>STARTING, RUNNING and STOPPING hold one of the job's slots; WAITING must not, or a queue could not drain.</summary>
    public static bool HoldsSlot(this JobRunState state) => !state.IsTerminal() && state != JobRunState.Waiting;

    /// <summary>The name on the wire: <c>SUCCEEDED</c>.</summary>
    public static string ToGlueName(this JobRunState state) =>
        state switch
        {
            JobRunState.Waiting => "WAITING",
            JobRunState.Starting => "STARTING",
            JobRunState.Running => "RUNNING",
            JobRunState.Stopping => "STOPPING",
            JobRunState.Stopped => "STOPPED",
            JobRunState.Succeeded => "SUCCEEDED",
            JobRunState.Failed => "FAILED",
            JobRunState.Timeout => "TIMEOUT",
            JobRunState.Error => "ERROR",
            JobRunState.Expired => "EXPIRED",
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a state of a job run."),
        };
}
