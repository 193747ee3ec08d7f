using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.Grains.Ports;

/// <summary>A job's bookmark as it is now.</summary>
/// <param name="Revision">Of the last update or deletion; 0 when there was none. The next entry's is one more.</param>
/// <param name="Latest"><c>null</c>: the job has no bookmark.</param>
/// <param name="Era">The revision of the last deletion; 0 when there was none. Tells the jobs apart that had this name.</param>
public sealed record BookmarkHead(long Revision, BookmarkEntry? Latest, long Era = 0);

/// <summary>The bookmarks of jobs, with the history that they can be taken back to.</summary>
/// <remarks>
/// A run's own update is not written here but with the run: <see cref="IRunStore.SaveIfUnchanged"/>. Of each job the last
/// <see cref="KeptEntries"/> entries are kept; the latest is never dropped.
/// Throws <see cref="GrainInterfaces.StoreUnavailableException"/> as <see cref="IRunStore"/> does.
/// </remarks>
public interface IBookmarkStore
{
    /// <summary>How many entries of a job are kept. The oldest ones go in the write that makes them one too many.</summary>
    const int KeptEntries = 1000;

    /// <summary>The bookmark now. Revision and entry are of one moment.</summary>
    Task<BookmarkHead> Read(JobKey job);

    /// <summary>The newest kept entry that this run wrote, or <c>null</c>.</summary>
    Task<BookmarkEntry?> FindByRun(JobKey job, string runId);

    /// <summary>The newest kept entry with this version, or <c>null</c>. Versions begin again after a reset.</summary>
    Task<BookmarkEntry?> FindByVersion(JobKey job, int version);

    /// <summary>
    /// Up to <paramref name="limit"/> kept entries, newest first, whose revision is below <paramref name="before"/>
    /// (<c>null</c>: from the newest on).
    /// </summary>
    Task<IReadOnlyList<BookmarkEntry>> List(JobKey job, long? before, int limit);

    /// <summary>
    /// Makes the entry the job's latest, if the revision is still the one before the entry's. False: nothing was written.
    /// </summary>
    Task<bool> AppendIfUnchanged(BookmarkEntry entry);

    /// <summary>
    /// Leaves the job without a bookmark and without a history of one, and raises the revision: what was decided on before
    /// can no longer be written. A new era begins. Also for a job that never had one. Repeating it is harmless.
    /// </summary>
    Task Delete(JobKey job);
}
