using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Storage;

namespace GlueOrleans.Tests.Support;

/// <summary>The run table in memory. Passes the same suite as the databases.</summary>
public sealed class MemoryRunStore : IRunStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, RunRecord> _byId = new(StringComparer.Ordinal);
    private readonly Dictionary<JobKey, SortedList<long, string>> _history = [];
    private readonly Dictionary<JobKey, long> _epochs = [];
    private readonly Dictionary<string, long> _accountEpochs = new(StringComparer.Ordinal);

    public Task<long> ClaimEpoch(JobKey job)
    {
        lock (_lock)
            return Task.FromResult(_epochs[job] = _epochs.GetValueOrDefault(job) + 1);
    }

    public Task<long> ClaimAccountEpoch(string account)
    {
        lock (_lock)
            return Task.FromResult(_accountEpochs[account] = _accountEpochs.GetValueOrDefault(account) + 1);
    }

    public Task<CreateResult> TryCreate(RunRecord run, AdmissionEpochs epochs)
    {
        RunInvariants.Check(run);
        lock (_lock)
        {
            if (_byId.ContainsKey(run.Id))
                return Task.FromResult(CreateResult.IdTaken);
            if (_epochs.GetValueOrDefault(run.Job) != epochs.Job)
                return Task.FromResult(CreateResult.Fenced);
            if (epochs.Account is { } epoch && _accountEpochs.GetValueOrDefault(run.Job.Account) != epoch)
                return Task.FromResult(CreateResult.FencedByAccount);
            if (!HistoryOf(run.Job).TryAdd(run.Ordinal, run.Id))
                return Task.FromResult(CreateResult.OrdinalTaken);
            _byId.Add(run.Id, InWholeMilliseconds(run));
            if (
                RunId.IsSuccessor(run)
                && run.PreviousRunId is { } previousId
                && _byId.TryGetValue(previousId, out var previous)
                && previous.Job == run.Job
            )
                _byId[previousId] = previous with { SuccessorDueAt = null };
            return Task.FromResult(CreateResult.Created);
        }
    }

    /// <summary>Where the bookmarks go that runs write with their success.</summary>
    public MemoryBookmarkStore Bookmarks { get; } = new();

    public Task<SaveResult> SaveIfUnchanged(
        RunRecord run,
        long expectedVersion,
        AdmissionEpochs? admission = null,
        BookmarkEntry? bookmark = null
    )
    {
        RunInvariants.CheckNextVersion(run, expectedVersion);
        if (bookmark is not null)
            BookmarkInvariants.CheckWrittenBy(bookmark, run);
        lock (_lock)
        {
            if (!_byId.TryGetValue(run.Id, out var row))
                return Task.FromResult(SaveResult.Gone);
            if (row.Version != expectedVersion)
                return Task.FromResult(SaveResult.Stale);
            if (admission is { } epochs)
            {
                if (_epochs.GetValueOrDefault(row.Job) != epochs.Job)
                    return Task.FromResult(SaveResult.Fenced);
                if (epochs.Account is { } epoch && _accountEpochs.GetValueOrDefault(row.Job.Account) != epoch)
                    return Task.FromResult(SaveResult.FencedByAccount);
            }
            if (bookmark is not null && !Bookmarks.TryAppend(bookmark))
                return Task.FromResult(SaveResult.BookmarkStale);
            _byId[run.Id] = InWholeMilliseconds(
                run with
                {
                    Job = row.Job,
                    Ordinal = row.Ordinal,
                    Attempt = row.Attempt,
                    PreviousRunId = row.PreviousRunId,
                    TriggerName = row.TriggerName,
                    Settings = row.Settings,
                }
            );
            return Task.FromResult(SaveResult.Saved);
        }
    }

    public Task<RunRecord?> Find(string runId)
    {
        lock (_lock)
            return Task.FromResult(_byId.GetValueOrDefault(runId));
    }

    public Task<IReadOnlyList<RunRecord>> ListByJob(JobKey job, long? before, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        lock (_lock)
            return Task.FromResult<IReadOnlyList<RunRecord>>([
                .. HistoryOf(job)
                    .Reverse()
                    .Where(entry => entry.Key < (before ?? long.MaxValue))
                    .Take(limit)
                    .Select(entry => _byId[entry.Value]),
            ]);
    }

    public Task<JobRoster> LoadRoster(JobKey job)
    {
        lock (_lock)
        {
            var runs = HistoryOf(job).Values.Select(id => _byId[id]).ToList();
            return Task.FromResult(
                new JobRoster(
                    runs.Count == 0 ? 0 : runs[^1].Ordinal,
                    [.. runs.Where(run => run.State.HoldsSlot()).Select(run => run.Id)],
                    [
                        .. runs.Where(run => run.State == JobRunState.Waiting)
                            .Select(run => new WaitingRun(
                                run.Id,
                                run.Ordinal,
                                run.Settings.MaxCapacity,
                                run.Settings.IsFlex,
                                run.StartedOn,
                                run.StateDetail
                            )),
                    ],
                    [
                        .. runs.Where(run => run.SuccessorDueAt is not null)
                            .OrderBy(run => run.SuccessorDueAt)
                            .Select(run => new OwedRun(run.Id, run.SuccessorDueAt!.Value)),
                    ]
                )
            );
        }
    }

    public Task<AccountRoster> LoadAccountRoster(string account)
    {
        lock (_lock)
        {
            var runs = _byId.Values.Where(run => run.Job.Account == account).ToList();
            return Task.FromResult(
                new AccountRoster(
                    [
                        .. runs.Where(run => run.State.HoldsSlot())
                            .Select(run => new CapacityHolder(run.Id, run.Settings.MaxCapacity, run.Settings.IsFlex)),
                    ],
                    [.. runs.Where(run => run.State == JobRunState.Waiting).Select(run => run.Id)]
                )
            );
        }
    }

    public Task<IReadOnlyList<ExecutorHolder>> LoadExecutorRoster()
    {
        lock (_lock)
            return Task.FromResult<IReadOnlyList<ExecutorHolder>>([
                .. _byId
                    .Values.Where(run => !run.State.IsTerminal() && run.Executor is not null)
                    .Select(run => new ExecutorHolder(run.Id, run.Executor!, run.Settings.MaxCapacity)),
            ]);
    }

    public Task<IReadOnlyList<PlacedRun>> ListByExecutor(string node, string? after, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        lock (_lock)
            return Task.FromResult<IReadOnlyList<PlacedRun>>([
                .. _byId
                    .Values.Where(run => !run.State.IsTerminal() && run.Executor?.Node == node)
                    .Where(run => after is null || Utf8Order.Instance.Compare(run.Id, after) > 0)
                    .OrderBy(run => run.Id, Utf8Order.Instance)
                    .Take(limit)
                    .Select(run => new PlacedRun(run.Id, run.State, run.Executor!)),
            ]);
    }

    public Task<int> CountWaiting(JobKey job, long below)
    {
        lock (_lock)
            return Task.FromResult(
                HistoryOf(job).Count(entry => entry.Key < below && _byId[entry.Value].State == JobRunState.Waiting)
            );
    }

    public Task<IReadOnlyList<JobKey>> ListJobsToTend(JobKey? after, DateTimeOffset now, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        lock (_lock)
            return Task.FromResult<IReadOnlyList<JobKey>>([
                .. _byId
                    .Values.Where(run => run.State == JobRunState.Waiting || run.SuccessorDueAt <= now)
                    .Select(run => run.Job)
                    .Distinct()
                    .Where(job => after is not { } last || Compare(job, last) > 0)
                    .Order(Comparer<JobKey>.Create(Compare))
                    .Take(limit),
            ]);

        static int Compare(JobKey a, JobKey b) =>
            Utf8Order.Instance.Compare(a.Account, b.Account) is not 0 and var byAccount
                ? byAccount
                : Utf8Order.Instance.Compare(a.Name, b.Name);
    }

    public Task<IReadOnlyList<string>> ListUnfinished(string? after, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        lock (_lock)
            return Task.FromResult<IReadOnlyList<string>>([
                .. _byId
                    .Values.Where(run => !run.State.IsTerminal())
                    .Select(run => run.Id)
                    .Where(id => after is null || Utf8Order.Instance.Compare(id, after) > 0)
                    .Order(Utf8Order.Instance)
                    .Take(limit),
            ]);
    }

    public Task<IReadOnlyList<string>> ListOverdue(DateTimeOffset now, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        lock (_lock)
            return Task.FromResult<IReadOnlyList<string>>([
                .. _byId
                    .Values.Where(run => !run.State.IsTerminal() && run.DueAt <= now)
                    .OrderBy(run => run.DueAt)
                    .ThenBy(run => run.Id, Utf8Order.Instance)
                    .Select(run => run.Id)
                    .Take(limit),
            ]);
    }

    public Task<IReadOnlyList<EndedRun>> ListEndedBefore(DateTimeOffset instant, EndedRun? after, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        lock (_lock)
            return Task.FromResult<IReadOnlyList<EndedRun>>([
                .. _byId
                    .Values.Where(run => run.CompletedOn < instant)
                    .Select(run => new EndedRun(run.CompletedOn!.Value, run.Id, run.Executor))
                    .Where(run => after is null || IsAfter(run, after))
                    .OrderBy(run => run.CompletedOn)
                    .ThenBy(run => run.Id, Utf8Order.Instance)
                    .Take(limit),
            ]);
    }

    public Task<int> Remove(IReadOnlyList<string> runIds)
    {
        lock (_lock)
        {
            var removed = 0;
            foreach (var id in runIds)
            {
                if (!_byId.TryGetValue(id, out var run) || !run.State.IsTerminal() || run.SuccessorDueAt is not null)
                    continue;
                _byId.Remove(id);
                HistoryOf(run.Job).Remove(run.Ordinal);
                removed++;
            }

            return Task.FromResult(removed);
        }
    }

    private static bool IsAfter(EndedRun run, EndedRun place) =>
        run.CompletedOn > place.CompletedOn
        || (run.CompletedOn == place.CompletedOn && Utf8Order.Instance.Compare(run.Id, place.Id) > 0);

    private SortedList<long, string> HistoryOf(JobKey job)
    {
        if (!_history.TryGetValue(job, out var history))
            _history.Add(job, history = []);
        return history;
    }

    /// <summary>As a database keeps it: a test that compares finer instants would pass here and fail there.</summary>
    private static RunRecord InWholeMilliseconds(RunRecord run) =>
        run with
        {
            StartedOn = Truncate(run.StartedOn)!.Value,
            RunningSince = Truncate(run.RunningSince),
            LastModifiedOn = Truncate(run.LastModifiedOn)!.Value,
            CompletedOn = Truncate(run.CompletedOn),
            DeadlineAt = Truncate(run.DeadlineAt),
            DueAt = Truncate(run.DueAt),
            SuccessorDueAt = Truncate(run.SuccessorDueAt),
        };

    private static DateTimeOffset? Truncate(DateTimeOffset? instant) =>
        instant is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value.ToUnixTimeMilliseconds()) : null;
}
