using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Storage;

namespace GlueOrleans.Tests.Support;

/// <summary>The bookmarks in memory. Passes the same suite as the databases.</summary>
public sealed class MemoryBookmarkStore : IBookmarkStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<JobKey, long> _revisions = [];
    private readonly Dictionary<JobKey, long> _eras = [];
    private readonly Dictionary<JobKey, List<BookmarkEntry>> _entries = [];

    public Task<BookmarkHead> Read(JobKey job)
    {
        lock (_lock)
        {
            var revision = _revisions.GetValueOrDefault(job);
            return Task.FromResult(
                new BookmarkHead(
                    revision,
                    Newest(job, entry => entry.Revision == revision),
                    _eras.GetValueOrDefault(job)
                )
            );
        }
    }

    public Task<BookmarkEntry?> FindByRun(JobKey job, string runId)
    {
        lock (_lock)
            return Task.FromResult(Newest(job, entry => entry.RunId == runId));
    }

    public Task<BookmarkEntry?> FindByVersion(JobKey job, int version)
    {
        lock (_lock)
            return Task.FromResult(Newest(job, entry => entry.Version == version));
    }

    public Task<IReadOnlyList<BookmarkEntry>> List(JobKey job, long? before, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        lock (_lock)
            return Task.FromResult<IReadOnlyList<BookmarkEntry>>([
                .. NewestFirst(job).Where(entry => entry.Revision < (before ?? long.MaxValue)).Take(limit),
            ]);
    }

    public Task<bool> AppendIfUnchanged(BookmarkEntry entry)
    {
        BookmarkInvariants.Check(entry);
        return Task.FromResult(TryAppend(entry));
    }

    public Task Delete(JobKey job)
    {
        lock (_lock)
        {
            _eras[job] = _revisions[job] = _revisions.GetValueOrDefault(job) + 1;
            _entries.Remove(job);
        }

        return Task.CompletedTask;
    }

    /// <summary>For the run table as well.</summary>
    internal bool TryAppend(BookmarkEntry entry)
    {
        lock (_lock)
        {
            if (_revisions.GetValueOrDefault(entry.Job) != entry.Revision - 1)
                return false;
            _revisions[entry.Job] = entry.Revision;
            if (!_entries.TryGetValue(entry.Job, out var entries))
                _entries.Add(entry.Job, entries = []);
            entries.Add(entry);
            entries.RemoveAll(old => old.Revision <= entry.Revision - IBookmarkStore.KeptEntries);
            return true;
        }
    }

    private BookmarkEntry? Newest(JobKey job, Func<BookmarkEntry, bool> isMeant) =>
        NewestFirst(job).FirstOrDefault(isMeant);

    private IEnumerable<BookmarkEntry> NewestFirst(JobKey job) =>
        _entries.GetValueOrDefault(job, []).OrderByDescending(entry => entry.Revision);
}
