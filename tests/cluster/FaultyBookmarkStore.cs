using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Tests.Cluster;

/// <summary>A store of bookmarks whose next read or deletion can be made to fail.</summary>
internal sealed class FaultyBookmarkStore(IBookmarkStore inner) : IBookmarkStore
{
    private int _readsUntilFailure;
    private volatile bool _failsNextDelete;

    /// <summary>Runs once, just before the next append: what happens in between.</summary>
    public Func<Task>? BeforeNextAppend { get; set; }

    /// <summary>The next read fails, or the one after <paramref name="good"/> more.</summary>
    public void FailNextRead(int good = 0) => _readsUntilFailure = good + 1;

    /// <summary>Nothing is deleted.</summary>
    public void FailNextDelete() => _failsNextDelete = true;

    public Task<BookmarkHead> Read(JobKey job)
    {
        if (_readsUntilFailure > 0 && Interlocked.Decrement(ref _readsUntilFailure) == 0)
            throw new StoreUnavailableException("The test pulled the plug.");
        return inner.Read(job);
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
