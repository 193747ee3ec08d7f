using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Tests.Support;

/// <summary>The index of job names in memory. Passes the same suite as the databases.</summary>
public sealed class MemoryJobIndex : IJobIndex
{
    private readonly Lock _lock = new();
    private readonly Dictionary<JobKey, bool> _isSettled = [];

    public Task MarkUnsettled(JobKey job) => Put(job, settled: false);

    public Task<bool> TryMarkUnsettled(JobKey job, int mostNames)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(mostNames);
        lock (_lock)
        {
            if (!_isSettled.ContainsKey(job) && _isSettled.Keys.Count(j => j.Account == job.Account) >= mostNames)
                return Task.FromResult(false);
            _isSettled[job] = false;
        }

        return Task.FromResult(true);
    }

    public Task Settle(JobKey job) => Put(job, settled: true);

    public Task Remove(JobKey job)
    {
        lock (_lock)
            _isSettled.Remove(job);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<string>> ListNames(string account, string? after, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return Task.FromResult<IReadOnlyList<string>>([
            .. Jobs(settled: true)
                .Where(job => job.Account == account)
                .Select(job => job.Name)
                .Where(name => after is null || Utf8Order.Instance.Compare(name, after) > 0)
                .Take(limit),
        ]);
    }

    public Task<IReadOnlyList<JobKey>> ListUnsettled(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        return Task.FromResult<IReadOnlyList<JobKey>>([.. Jobs(settled: false).Take(limit)]);
    }

    private Task Put(JobKey job, bool settled)
    {
        lock (_lock)
            _isSettled[job] = settled;
        return Task.CompletedTask;
    }

    private List<JobKey> Jobs(bool settled)
    {
        lock (_lock)
            return
            [
                .. _isSettled
                    .Where(entry => entry.Value == settled)
                    .Select(entry => entry.Key)
                    .OrderBy(job => job.Account, Utf8Order.Instance)
                    .ThenBy(job => job.Name, Utf8Order.Instance),
            ];
    }
}
