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

    public Task<long> ClaimEpoch(JobKey job)
    {
        lock (_lock)
            return Task.FromResult(_epochs[job] = _epochs.GetValueOrDefault(job) + 1);
    }

    public Task<CreateResult> TryCreate(RunRecord run, long epoch)
    {
        RunInvariants.Check(run);
        lock (_lock)
        {
            if (_byId.ContainsKey(run.Id))
                return Task.FromResult(CreateResult.IdTaken);
            if (_epochs.GetValueOrDefault(run.Job) != epoch)
                return Task.FromResult(CreateResult.Fenced);
            if (!HistoryOf(run.Job).TryAdd(run.Ordinal, run.Id))
                return Task.FromResult(CreateResult.OrdinalTaken);
            _byId.Add(run.Id, InWholeMilliseconds(run));
            return Task.FromResult(CreateResult.Created);
        }
    }

    public Task<SaveResult> SaveIfUnchanged(RunRecord run, long expectedVersion)
    {
        RunInvariants.CheckNextVersion(run, expectedVersion);
        lock (_lock)
        {
            if (!_byId.TryGetValue(run.Id, out var row))
                return Task.FromResult(SaveResult.Gone);
            if (row.Version != expectedVersion)
                return Task.FromResult(SaveResult.Stale);
            _byId[run.Id] = InWholeMilliseconds(
                row with
                {
                    Version = run.Version,
                    State = run.State,
                    EndsAs = run.EndsAs,
                    StartedOn = run.StartedOn,
                    RunningSince = run.RunningSince,
                    LastModifiedOn = run.LastModifiedOn,
                    CompletedOn = run.CompletedOn,
                    DueAt = run.DueAt,
                    ErrorMessage = run.ErrorMessage,
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
            var history = HistoryOf(job);
            return Task.FromResult(
                new JobRoster(
                    history.Count == 0 ? 0 : history.GetKeyAtIndex(history.Count - 1),
                    [.. history.Values.Where(id => _byId[id].State.HoldsSlot())]
                )
            );
        }
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
            DueAt = Truncate(run.DueAt),
        };

    private static DateTimeOffset? Truncate(DateTimeOffset? instant) =>
        instant is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value.ToUnixTimeMilliseconds()) : null;
}
