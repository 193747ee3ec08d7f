using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Grains.Runs;

/// <summary>Everything that can happen to a run after its creation. The run id names the attempt, so no event of one
/// attempt can reach another.</summary>
public abstract record RunEvent
{
    /// <summary>Its grain was activated: after the admission, or again after a crash.</summary>
    public sealed record TakenUp : RunEvent;

    /// <summary>Its job has a slot for it, and the node room.</summary>
    public sealed record Admitted(ExecutorTenure Executor) : RunEvent;

    /// <summary>Nothing of it can be running on that node any more, and how it ended nobody will tell.</summary>
    public sealed record ExecutorLost(ExecutorTenure Executor) : RunEvent;

    /// <summary>It still waits, but for something else.</summary>
    public sealed record StillWaiting(string StateDetail) : RunEvent;

    /// <summary>The executor could not take it after all, as it was in <paramref name="Version"/>.</summary>
    public sealed record NoRoom(string Limit, long Version) : RunEvent;

    /// <summary>The script's process exists since <paramref name="At"/>.</summary>
    public sealed record Launched(DateTimeOffset At) : RunEvent;

    /// <summary>No process exists, and none will.</summary>
    public sealed record LaunchFailed(DateTimeOffset At, string ErrorMessage) : RunEvent;

    /// <summary>The process is gone since <paramref name="At"/>. A negative code: how it ended is not known. Exit code 0 with
    /// an error: the script did its work, and still something of the run failed.</summary>
    public sealed record Exited(DateTimeOffset At, int ExitCode, string? ErrorMessage, bool AfterStop) : RunEvent
    {
        /// <summary>What the job's bookmark is to become if the run succeeds.</summary>
        public BookmarkCommit? Bookmark { get; init; }
    }

    /// <summary>Somebody asked the run to stop.</summary>
    public sealed record StopRequested : RunEvent;

    /// <summary>What was due at <paramref name="DueAt"/>, in <paramref name="State"/>, is due now. What was armed for another
    /// state or instant is no longer meant.</summary>
    public sealed record DeadlinePassed(JobRunState State, DateTimeOffset DueAt) : RunEvent;
}
