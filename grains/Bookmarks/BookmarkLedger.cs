using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Grains.Bookmarks;

/// <summary>
/// What the next entry of a job's bookmark is: the only place that counts. Sources: glue-behaviour.md 6.0.2, 6.0.4.
/// </summary>
public static class BookmarkLedger
{
    /// <summary>The state of a bookmark that has seen nothing.</summary>
    public const string NoState = "{}";

    /// <summary>
    /// The entry that a run's success writes. Its revision is the one after that which the run has read: if the bookmark
    /// has changed since, the store refuses the entry, whatever else it says.
    /// </summary>
    public static BookmarkEntry Committed(BookmarkHead head, RunRecord run, BookmarkCommit commit) =>
        new()
        {
            Job = run.Job,
            Revision = commit.Revision + 1,
            Version = (head.Latest?.Version ?? 0) + 1,
            Run = (head.Latest?.Run ?? 0) + 1,
            Attempt = run.Attempt,
            RunId = run.Id,
            PreviousRunId = head.Latest?.RunId,
            State = commit.State,
        };

    /// <summary>The entry of a reset: the next run processes everything. That all counters begin again is a guess.</summary>
    public static BookmarkEntry Reset(BookmarkHead head, BookmarkEntry latest) =>
        new()
        {
            Job = latest.Job,
            Revision = head.Revision + 1,
            Version = 0,
            Run = 0,
            Attempt = 0,
            State = NoState,
        };

    /// <summary>
    /// The entry of a rewind: <paramref name="target"/> is current again, so the next run processes what came after it. An
    /// update like any other, so the version rises; all else is as that run left it.
    /// </summary>
    public static BookmarkEntry Rewound(BookmarkHead head, BookmarkEntry latest, BookmarkEntry target) =>
        target with
        {
            Revision = head.Revision + 1,
            Version = latest.Version + 1,
        };

    /// <summary>Why a run that ended well has failed all the same. The first sentence is Glue's.</summary>
    public static string Stale(BookmarkCommit commit, BookmarkHead head) =>
        $"Continuation update failed due to version mismatch. Expected version {commit.Version} but found version "
        + $"{head.Latest?.Version ?? 0}. While this run was going, another run of the job updated the bookmark, or it was "
        + "reset or deleted. What the run wrote is there; its bookmark is not. Run the job again, with MaxConcurrentRuns 1 if "
        + "runs overlapped.";

    /// <summary>Glue's text, which scripts look for (glue-behaviour.md 6.0.3).</summary>
    public static string NotFound(string jobName) => $"Continuation for job {jobName} not found";
}
