using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Tests.Cluster;

/// <summary>A store of bookmarks whose next read or deletion can be made to fail.</summary>
internal sealed class FaultyBookmarkStore(IBookmarkStore inner) : IBookmarkStore
{
    private volatile bool _failsNextRead;
    private volatile bool _failsNextDelete;

    /// <summary>Runs once, just before the next append: what happens in between.</summary>
    public Func<Task>? BeforeNextAppend { get; set; }

    public void FailNextRead() => _failsNextRead = true;

    /// <summary>Nothing is deleted.</summary>
    public void FailNextDelete() => _failsNextDelete = true;

    public bool HasFailed => !_failsNextRead && !_failsNextDelete;

    public Task<BookmarkHead> Read(JobKey job)
    {
        if (!_failsNextRead)
            return inner.Read(job);
        _failsNextRead = false;
        throw new StoreUnavailableException("The test pulled the plug.");
    }

    public Task<BookmarkEntry?> FindByRun(JobKey job, string runId) => inner.FindByRun(job, runId);

    public Task<BookmarkEntry?> FindByVersion(JobKey job, int version) => inner.FindByVersion(job, version);

    public Task<IReadOnlyList<BookmarkEntry>> List(JobKey job, long? before, int limit) =>
        inner.List(job, before, limit);

    public async Task<bool> AppendIfUnchanged(BookmarkEntry entry)
    {
        if (BeforeNextAppend is { } before)
        {
            BeforeNextAppend = null;
            await before();
        }

        return await inner.AppendIfUnchanged(entry);
    }

    public Task Delete(JobKey job)
    {
        if (!_failsNextDelete)
            return inner.Delete(job);
        _failsNextDelete = false;
        throw new StoreUnavailableException("The test pulled the plug.");
    }
}
