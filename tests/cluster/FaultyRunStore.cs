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

/// <summary>A store in memory whose next write can be made to fail, and whose writes can be watched.</summary>
internal sealed class FaultyRunStore(MemoryRunStore inner) : IRunStore
{
    /// <summary>The bookmarks beside it, with faults of their own.</summary>
    public FaultyBookmarkStore Bookmarks { get; } = new(inner.Bookmarks);

    private readonly Lock _writing = new();
    private readonly List<(
        string RunId,
        Func<RunRecord, bool> Wanted,
        TaskCompletionSource<RunRecord> Seen
    )> _awaited = [];
    private int _looks;
    private Fault _nextCreate;
    private Fault _nextSave;
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Called with each row as it was and as it is now, one write at a time.</summary>
    public Action<RunRecord?, RunRecord>? Written { get; set; }

    /// <summary>Called with the id of a run whose write is made to fail.</summary>
    public Action<string>? Faulted { get; set; }

    /// <summary>How often a single run was read.</summary>
    public int Looks => _looks;

    /// <summary>Awaited before and after each access, so that others come in between; <c>null</c>: nobody does.</summary>
    public Func<Task>? Pause { get; set; }

    /// <summary>Has writes committed together; <c>null</c>: each by itself.</summary>
    public GroupCommits? Commits { get; set; }

    /// <summary>Completes when a write has been made to fail.</summary>
    public Task Failed() => _failed.Task.WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System);

    /// <summary>Completes when a run's row is as wanted, now or after a write to come.</summary>
    public async Task<RunRecord> Until(string runId, Func<RunRecord, bool> wanted)
    {
        var seen = new TaskCompletionSource<RunRecord>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_writing)
        {
            if (Now(runId) is { } run && wanted(run))
                return run;
            _awaited.Add((runId, wanted, seen));
        }

        try
        {
            return await seen.Task.WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Run {runId} did not become as expected. It is {Now(runId)}.");
        }
    }

    public void FailNextCreate(Fault fault) => _nextCreate = fault;

    public void FailNextSave(Fault fault) => _nextSave = fault;

    public Task<IReadOnlyList<ExecutorHolder>> LoadExecutorRoster() => Paused(inner.LoadExecutorRoster);

    public Task<IReadOnlyList<PlacedRun>> ListByExecutor(string node, string? after, int limit) =>
        Paused(() => inner.ListByExecutor(node, after, limit));

    public Task<long> ClaimEpoch(JobKey job) =>
        Commits is { } commits ? commits.Claim(() => inner.ClaimEpoch(job)) : Paused(() => inner.ClaimEpoch(job));

    public Task<long> ClaimAccountEpoch(string account) => Paused(() => inner.ClaimAccountEpoch(account));

    public Task<CreateResult> TryCreate(RunRecord run, AdmissionEpochs epochs) =>
        Write(run, ref _nextCreate, () => inner.TryCreate(run, epochs), CreateResult.Created);

    public Task<SaveResult> SaveIfUnchanged(
        RunRecord run,
        long expectedVersion,
        AdmissionEpochs? admission = null,
        BookmarkEntry? bookmark = null
    ) =>
        Write(
            run,
            ref _nextSave,
            () => inner.SaveIfUnchanged(run, expectedVersion, admission, bookmark),
            SaveResult.Saved
        );

    public Task<RunRecord?> Find(string runId)
    {
        Interlocked.Increment(ref _looks);
        return Paused(() => inner.Find(runId));
    }

    public Task<IReadOnlyList<RunRecord>> ListByJob(JobKey job, long? before, int limit) =>
        inner.ListByJob(job, before, limit);

    public Task<JobRoster> LoadRoster(JobKey job) =>
        Paused(() =>
        {
            // What it shows, whoever watches the writes has been told.
            lock (_writing)
                return inner.LoadRoster(job);
        });

    public Task<AccountRoster> LoadAccountRoster(string account) => Paused(() => inner.LoadAccountRoster(account));

    public Task<int> CountWaiting(JobKey job, long below) => inner.CountWaiting(job, below);

    public Task<IReadOnlyList<JobKey>> ListJobsToTend(JobKey? after, DateTimeOffset now, int limit) =>
        inner.ListJobsToTend(after, now, limit);

    public Task<IReadOnlyList<string>> ListUnfinished(string? after, int limit) => inner.ListUnfinished(after, limit);

    public Task<IReadOnlyList<string>> ListOverdue(DateTimeOffset now, int limit) => inner.ListOverdue(now, limit);

    public Task<IReadOnlyList<EndedRun>> ListEndedBefore(DateTimeOffset instant, EndedRun? after, int limit) =>
        inner.ListEndedBefore(instant, after, limit);

    public Task<int> Remove(IReadOnlyList<string> runIds) => inner.Remove(runIds);

    private async Task<T> Paused<T>(Func<Task<T>> access)
    {
        if (Pause is null)
            return await access();
        await Pause();
        var result = await access();
        await Pause();
        return result;
    }

    private Task<T> Write<T>(RunRecord run, ref Fault next, Func<Task<T>> write, T done)
    {
        var fault = next;
        next = Fault.None;
        if (fault != Fault.None)
            return Fail(run.Id, fault, Watched);
        return Commits is { } commits ? commits.Write(Watched) : Paused(Watched);

        Task<T> Watched()
        {
            lock (_writing)
            {
                var before = Now(run.Id);
                // The table in memory answers at once.
                var result = write().GetAwaiter().GetResult();
                if (Equals(result, done))
                    Tell(before, Now(run.Id)!);
                return Task.FromResult(result);
            }
        }
    }

    private void Tell(RunRecord? before, RunRecord after)
    {
        Written?.Invoke(before, after);
        foreach (var awaited in _awaited.Where(a => a.RunId == after.Id && a.Wanted(after)).ToList())
        {
            _awaited.Remove(awaited);
            awaited.Seen.SetResult(after);
        }
    }

    private RunRecord? Now(string runId) => inner.Find(runId).GetAwaiter().GetResult();

    private async Task<T> Fail<T>(string runId, Fault fault, Func<Task<T>> write)
    {
        if (fault == Fault.OfTheRow)
            throw new ArgumentException("The test's row cannot be written.");
        Faulted?.Invoke(runId);
        if (fault == Fault.AfterWriting)
            await write();
        _failed.TrySetResult();
        throw new StoreUnavailableException("The test pulled the plug.");
    }
}
