using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Grains.Bookmarks;

/// <summary>What a script is told of its job's bookmark when it starts.</summary>
/// <param name="Mode">Enable or Pause. A run whose option is disable has no input.</param>
/// <param name="Revision">Of the bookmark when it was read: what a commit has to find unchanged.</param>
/// <param name="Version">Of that moment; 0 when there was none.</param>
/// <param name="State">What has been processed before: a JSON object.</param>
/// <param name="UpTo">What the run shall not go beyond: a JSON object; <c>null</c> = no bound.</param>
[GenerateSerializer, Alias("BookmarkInput"), Immutable]
public sealed record BookmarkInput(
    [property: Id(0)] BookmarkMode Mode,
    [property: Id(1)] long Revision,
    [property: Id(2)] int Version,
    [property: Id(3)] string State,
    [property: Id(4)] string? UpTo
)
{
    /// <summary>
    /// Reads what the options ask for: the latest state, or those of the two runs of a range. <c>null</c>: nothing was asked
    /// for. Refusal: InvalidInput, naming the run of which the bookmark knows nothing.
    /// </summary>
    /// <remarks>Says so also of a run whose entry is no longer among the kept ones.</remarks>
    /// <param name="bookmarks">Where to read.</param>
    /// <param name="job">Whose bookmark.</param>
    /// <param name="options">What the run asks for.</param>
    /// <param name="era">The run's <c>BookmarkEra</c>; <c>null</c> before it has one.</param>
    public static async Task<(BookmarkInput? Input, Refusal? Refusal)> Read(
        IBookmarkStore bookmarks,
        JobKey job,
        BookmarkOptions options,
        long? era
    )
    {
        if (options.Mode == BookmarkMode.Disable)
            return default;

        var head = await bookmarks.Read(job);
        if (era is not null && era != head.Era)
        {
            return (
                null,
                Refusal.InvalidInput(
                    $"Job {job.Name} was deleted before this run was launched, and its bookmark with it. Start a new run."
                )
            );
        }

        if (options.From is null || options.To is null)
            return (Of(options.Mode, head, head.Latest?.State, upTo: null), null);

        var from = await bookmarks.FindByRun(job, options.From);
        if (from is null)
            return (null, Unknown(BookmarkOptions.FromOption, options.From, job));
        var to = await bookmarks.FindByRun(job, options.To);
        return to is null
            ? (null, Unknown(BookmarkOptions.ToOption, options.To, job))
            : (Of(options.Mode, head, from.State, to.State), null);
    }

    private static BookmarkInput Of(BookmarkMode mode, BookmarkHead head, string? state, string? upTo) =>
        new(mode, head.Revision, head.Latest?.Version ?? 0, state ?? BookmarkLedger.NoState, upTo);

    private static Refusal Unknown(string option, string runId, JobKey job) =>
        Refusal.InvalidInput(
            $"Argument {option} '{runId}' names no run with a bookmark of job {job.Name}: it takes the id of a run that "
                + $"succeeded with bookmarks enabled, one of the last {IBookmarkStore.KeptEntries} updates. GetJobBookmark "
                + "with that RunId tells."
        );
}
