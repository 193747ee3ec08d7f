using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;

namespace GlueOrleans.Grains.Jobs;

/// <summary>
/// The job's bookmark: reading it and taking it back. Runs move it forward (<c>JobRunGrain.Bookmarks.cs</c>). Whoever writes
/// names the revision that the decision was made on, so the two never overwrite each other.
/// </summary>
/// <remarks>
/// A bookmark ends with its job. Deletion clears the definition first, then the bookmark, then the name; a crash in between
/// leaves an unsettled name, and <see cref="SettleIndex"/> does the rest. Until then the name may be taken anew, so creation
/// clears the bookmark as well. Either raises the revision: a run of the old job that is still going cannot write into the
/// new one's bookmark.
/// </remarks>
public sealed partial class JobGrain
{
    /// <summary>A run that succeeds at this very moment makes a reset look again; it does not happen often in a row.</summary>
    private const int MostTriesToReset = 5;

    public async Task<Outcome<BookmarkEntry>> GetBookmark(string? runId, int? version)
    {
        if (_definition is null)
            return NoSuchJob();
        if (runId is not null && version is not null)
        {
            return Refusal.InvalidInput(
                $"RunId '{runId}' and Version {version} were given: each selects an entry, so give one of them."
            );
        }

        if (runId is not null)
            return await bookmarks.FindByRun(_key, runId) is { } ofRun ? ofRun : NoSuchEntry($"run {runId}");
        if (version is { } number)
            return await bookmarks.FindByVersion(_key, number) is { } found ? found : NoSuchEntry($"version {number}");
        return (await bookmarks.Read(_key)).Latest is { } latest ? latest : NoBookmark();
    }

    public async Task<Outcome<IReadOnlyList<BookmarkEntry>>> ListBookmarks(long? before, int limit) =>
        _definition is null ? NoSuchJob() : Outcome.Of(await bookmarks.List(_key, before, limit));

    public async Task<Outcome<BookmarkEntry>> ResetBookmark(string? runId)
    {
        for (var tries = 1; tries <= MostTriesToReset; tries++)
        {
            if (_definition is null)
                return NoSuchJob();
            var head = await bookmarks.Read(_key);
            if (head.Latest is not { } latest)
                return NoBookmark();

            BookmarkEntry next;
            if (runId is null)
                next = BookmarkLedger.Reset(head, latest);
            else if (await bookmarks.FindByRun(_key, runId) is { } target)
                next = BookmarkLedger.Rewound(head, latest, target);
            else
                return NoSuchEntry($"run {runId}");

            if (await bookmarks.AppendIfUnchanged(next))
                return next;
        }

        throw new InvalidOperationException($"The bookmark of {_key} is being written by others, again and again.");
    }

    /// <summary>
    /// Ties a run that uses the bookmark to the one there is now, and says at the start what would otherwise fail the run at
    /// its launch: a range between runs that are unknown.
    /// </summary>
    private async Task<Outcome<RunSettings>> TieToBookmark(RunSettings settings)
    {
        var options = BookmarkOptions.Parse(settings.ScriptArguments);
        if (options.IsRefused)
            return options.Refusal;
        if (options.Value.Mode == BookmarkMode.Disable)
            return settings;

        var era = (await bookmarks.Read(_key)).Era;
        var hasRange = options.Value.From is not null;
        if (hasRange && (await BookmarkInput.Read(bookmarks, _key, options.Value, era)).Refusal is { } refusal)
            return refusal;
        return settings with { BookmarkEra = era };
    }

    /// <summary>
    /// Clears what a job of this name may have left behind, if grain storage, asked now, has none: another activation of
    /// this grain may have created one meanwhile, and its bookmark is not to be lost over this one's memory.
    /// </summary>
    private async Task DeleteLeftBookmark()
    {
        await ReadDefinition();
        if (_definition is null)
            await bookmarks.Delete(_key);
    }

    private Refusal NoSuchJob() => Refusal.NotFound($"Job with name: {_key.Name} not found.");

    private Refusal NoBookmark() => Refusal.NotFound(BookmarkLedger.NotFound(_key.Name));

    private Refusal NoSuchEntry(string which) =>
        Refusal.NotFound($"{BookmarkLedger.NotFound(_key.Name)}: none of {which} is kept.");
}
