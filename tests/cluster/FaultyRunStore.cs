using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Tests.Support;

namespace GlueOrleans.Tests.Cluster;

internal enum Fault
{
    None,

    /// <summary>Nothing is written, and the caller is told that it may have been.</summary>
    BeforeWriting,

    /// <summary>The row itself cannot be written (it is too big, say), and nothing else is wrong.</summary>
    OfTheRow,

    /// <summary>The worst one: the write is done, and the caller is told that it may not have been.</summary>
    AfterWriting,
}

/// <summary>A store whose next write can be made to fail.</summary>
internal sealed class FaultyRunStore(MemoryRunStore inner) : IRunStore
{
    /// <summary>The bookmarks beside it, with faults of their own.</summary>
    public FaultyBookmarkStore Bookmarks { get; } = new(inner.Bookmarks);

    private Fault _nextCreate;
    private Fault _nextSave;
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a write has been made to fail.</summary>
    public Task Failed() => _failed.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);

    public void FailNextCreate(Fault fault) => _nextCreate = fault;

    public void FailNextSave(Fault fault) => _nextSave = fault;

    public Task<long> ClaimEpoch(JobKey job) => inner.ClaimEpoch(job);

    public Task<long> ClaimAccountEpoch(string account) => inner.ClaimAccountEpoch(account);

    public Task<CreateResult> TryCreate(RunRecord run, AdmissionEpochs epochs) =>
        Write(ref _nextCreate, () => inner.TryCreate(run, epochs));

    public Task<SaveResult> SaveIfUnchanged(
        RunRecord run,
        long expectedVersion,
        AdmissionEpochs? admission = null,
        BookmarkEntry? bookmark = null
    ) => Write(ref _nextSave, () => inner.SaveIfUnchanged(run, expectedVersion, admission, bookmark));

    public Task<RunRecord?> Find(string runId) => inner.Find(runId);

    public Task<IReadOnlyList<RunRecord>> ListByJob(JobKey job, long? before, int limit) =>
        inner.ListByJob(job, before, limit);

    public Task<JobRoster> LoadRoster(JobKey job) => inner.LoadRoster(job);

    public Task<AccountRoster> LoadAccountRoster(string account) => inner.LoadAccountRoster(account);

    public Task<int> CountWaiting(JobKey job, long below) => inner.CountWaiting(job, below);

    public Task<IReadOnlyList<JobKey>> ListJobsToTend(JobKey? after, DateTimeOffset now, int limit) =>
        inner.ListJobsToTend(after, now, limit);

    public Task<IReadOnlyList<string>> ListUnfinished(string? after, int limit) => inner.ListUnfinished(after, limit);

    public Task<IReadOnlyList<string>> ListOverdue(DateTimeOffset now, int limit) => inner.ListOverdue(now, limit);

    public Task<IReadOnlyList<EndedRun>> ListEndedBefore(DateTimeOffset instant, EndedRun? after, int limit) =>
        inner.ListEndedBefore(instant, after, limit);

    public Task<int> Remove(IReadOnlyList<string> runIds) => inner.Remove(runIds);

    private Task<T> Write<T>(ref Fault next, Func<Task<T>> write)
    {
        var fault = next;
        next = Fault.None;
        return fault == Fault.None ? write() : Fail(fault, write);
    }

    private async Task<T> Fail<T>(Fault fault, Func<Task<T>> write)
    {
        if (fault == Fault.OfTheRow)
            throw new ArgumentException("The test's row cannot be written.");
        if (fault == Fault.AfterWriting)
            await write();
        _failed.TrySetResult();
        throw new StoreUnavailableException("The test pulled the plug.");
    }
}
