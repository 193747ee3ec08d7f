using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;

namespace GlueOrleans.Grains.Runs;

/// <summary>
/// The run and its job's bookmark. It is read when the run is launched, and what the script made of it is written in the
/// commit that makes the run SUCCEEDED, if nobody has changed it in between. A run that ends in any other way writes nothing.
/// </summary>
public sealed partial class JobRunGrain
{
    /// <remarks>Repeated after a crash, with what may then be another bookmark: the executor keeps to the first.</remarks>
    private async Task Launch(RunRecord run)
    {
        var options = BookmarkOptions.Parse(run.Settings.ScriptArguments);
        if (options.IsRefused)
        {
            await executor.FailLaunch(run, options.Refusal.Message);
            return;
        }

        try
        {
            var (bookmark, refusal) = await BookmarkInput.Read(
                bookmarks,
                run.Job,
                options.Value,
                run.Settings.BookmarkEra
            );
            await (refusal is null ? executor.Launch(run, bookmark) : executor.FailLaunch(run, refusal.Message));
        }
        catch (StoreUnavailableException e)
        {
            // Taken up again from its row by the timer: a launch that is owed must not wait for its deadline.
            LogStoreAway(e, run.Id);
            Know(null);
            Arm(deadlines.Value.ToNode(DoubtPause));
        }
    }

    /// <summary>What is to be written with this move; <c>null</c> unless it makes the run SUCCEEDED and the script
    /// committed.</summary>
    private async Task<BookmarkEntry?> BookmarkOf(RunRecord next, RunEvent happened)
    {
        if (next.State != JobRunState.Succeeded || happened is not RunEvent.Exited { Bookmark: { } commit })
            return null;
        // Executors do not report one for the other modes; what a script may write must not depend on that alone.
        var isEnabled = BookmarkOptions.Parse(next.Settings.ScriptArguments).Value is { Mode: BookmarkMode.Enable };
        return isEnabled ? BookmarkLedger.Committed(await bookmarks.Read(next.Job), next, commit) : null;
    }

    /// <summary>The exit of a run whose bookmark was refused: a failure, so that nobody takes the input for processed.</summary>
    private async Task<RunEvent> WithoutItsBookmark(RunEvent.Exited exited) =>
        exited with
        {
            ErrorMessage = BookmarkLedger.Stale(exited.Bookmark!, await bookmarks.Read(_run!.Job)),
            Bookmark = null,
        };
}
