using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Tests.Support;

/// <summary>The leases of executor nodes in memory, on a clock of the test's. Passes the same suite as the database.</summary>
public sealed class MemoryExecutorNodes(TimeProvider clock, IRunStore runs) : IExecutorNodes, IUpkeepLease
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Row> _rows = new(StringComparer.Ordinal);
    private (string Holder, DateTimeOffset Until) _upkeep = ("", DateTimeOffset.MinValue);

    private sealed record Row(long Epoch, LeaseRequest? Request, DateTimeOffset Until);

    /// <summary>A node on its own, which needs no lease.</summary>
    public void AddSole(string node)
    {
        lock (_lock)
        {
            var request = new LeaseRequest(node, node, node, IsAccepting: true, 0, 0, TimeSpan.MaxValue);
            _rows[node] = new Row(0, request, DateTimeOffset.MaxValue);
        }
    }

    public Task<LeaseAnswer> Acquire(LeaseRequest request)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            var row = _rows.GetValueOrDefault(request.Node) ?? new Row(0, null, now);
            var isLive = row.Request is not null && row.Until > now;
            if (isLive && row.Request!.Folder != request.Folder)
                return Task.FromResult(new LeaseAnswer(null, TakenFor: row.Until - now));
            var epoch = isLive ? row.Epoch : row.Epoch + 1;
            _rows[request.Node] = new Row(epoch, request, now + request.Lasts);
            return Task.FromResult(new LeaseAnswer(new ExecutorTenure(request.Node, epoch), IsContinued: isLive));
        }
    }

    public Task<bool> Renew(ExecutorTenure tenure, LeaseRequest request)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            if (
                !_rows.TryGetValue(tenure.Node, out var row)
                || row.Epoch != tenure.Epoch
                || row.Request?.Holder != request.Holder
                || row.Until <= now
            )
                return Task.FromResult(false);
            _rows[tenure.Node] = new Row(row.Epoch, request, now + request.Lasts);
            return Task.FromResult(true);
        }
    }

    public Task<IReadOnlyList<ExecutorNode>> ListLive()
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            return Task.FromResult<IReadOnlyList<ExecutorNode>>([
                .. _rows
                    .Where(row => row.Value.Request is not null && row.Value.Until > now)
                    .Select(row => new ExecutorNode(
                        new ExecutorTenure(row.Key, row.Value.Epoch),
                        row.Value.Request!.IsAccepting,
                        row.Value.Request.MaxRuns,
                        row.Value.Request.Dpus
                    )),
            ]);
        }
    }

    public Task<IReadOnlyList<ExecutorTenure>> FenceExpired()
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            var expired = _rows.Where(row => row.Value.Request is not null && row.Value.Until <= now).ToList();
            foreach (var (node, row) in expired)
                _rows[node] = new Row(row.Epoch + 1, null, row.Until);
            return Task.FromResult<IReadOnlyList<ExecutorTenure>>([
                .. expired.Select(row => new ExecutorTenure(row.Key, row.Value.Epoch)),
            ]);
        }
    }

    public async Task<IReadOnlyList<StrandedRun>> ListStranded(string? after, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var holders = await runs.LoadExecutorRoster();
        lock (_lock)
        {
            return
            [
                .. holders
                    .Where(run =>
                        (_rows.GetValueOrDefault(run.Executor.Node)?.Epoch ?? long.MaxValue) > run.Executor.Epoch
                    )
                    .Where(run => after is null || Utf8Order.Instance.Compare(run.RunId, after) > 0)
                    .OrderBy(run => run.RunId, Utf8Order.Instance)
                    .Take(limit)
                    .Select(run => new StrandedRun(run.RunId, run.Executor)),
            ];
        }
    }

    /// <summary>The node's lease has run out: nobody renewed it.</summary>
    public void Expire(string node)
    {
        lock (_lock)
            _rows[node] = _rows[node] with { Until = clock.GetUtcNow() };
    }

    public Task<bool> TryHold(string holder, TimeSpan lasts)
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            if (_upkeep.Holder != holder && _upkeep.Until > now)
                return Task.FromResult(false);
            _upkeep = (holder, now + lasts);
            return Task.FromResult(true);
        }
    }
}
