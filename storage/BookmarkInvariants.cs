using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Storage;

/// <summary>What every bookmark entry satisfies; the same as <see cref="RunInvariants"/> for runs.</summary>
public static class BookmarkInvariants
{
    /// <exception cref="ArgumentException">The entry breaks one; the message says which.</exception>
    public static void Check(BookmarkEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        Require(entry.Job.Name is { Length: > 0 } && entry.Job.Account is { Length: > 0 }, entry, "has no job");
        Require(entry.Revision >= 1, entry, $"has revision {entry.Revision}; they begin at 1");
        Require(
            entry is { Version: >= 0, Run: >= 0, Attempt: >= 0 },
            entry,
            $"counts version {entry.Version}, run {entry.Run}, attempt {entry.Attempt}; none of them is negative"
        );
        Require(entry.State.Length > 0, entry, "has no state; that of nothing is {}");
        Require(
            entry.State.Length <= BookmarkEntry.LongestState,
            entry,
            $"has a state of {entry.State.Length} characters; at most {BookmarkEntry.LongestState} are kept"
        );
    }

    /// <exception cref="ArgumentException">The entry is none that this run can write.</exception>
    public static void CheckWrittenBy(BookmarkEntry entry, RunRecord run)
    {
        Check(entry);
        Require(run.State == JobRunState.Succeeded, entry, $"is written by run '{run.Id}', which is {run.State}");
        Require(
            entry.Job == run.Job && entry.RunId == run.Id,
            entry,
            $"is written by run '{run.Id}' of '{run.Job}' and says it is of run '{entry.RunId}'"
        );
    }

    private static void Require(bool holds, BookmarkEntry entry, string complaint)
    {
        if (!holds)
            throw new ArgumentException($"The bookmark of '{entry.Job}' {complaint}.", nameof(entry));
    }
}
