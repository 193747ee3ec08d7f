using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Tests.Cluster;

/// <summary>What becomes of a batch of writes.</summary>
internal enum GroupFault
{
    None,

    /// <summary>None of them is written, and their callers are told that they may have been.</summary>
    BeforeWriting,

    /// <summary>All are written, and their callers are told that they may not have been.</summary>
    AfterWriting,

    /// <summary>Their callers are told that they may have been written. They arrive with the next batch.</summary>
    Late,

    /// <summary>The same, but the store has them already, and is stuck in its commit: whoever claims an epoch waits for it.</summary>
    Stuck,
}

/// <summary>Writes of all grains, committed together as a group-commit writer does, in batches that fail on demand.</summary>
/// <param name="faultOf">Of the batch with this number, from 1 on.</param>
internal sealed class GroupCommits(Func<int, GroupFault> faultOf)
{
    private readonly Lock _lock = new();
    private readonly List<int> _sizes = [];
    private readonly List<Func<Task>> _late = [];
    private readonly List<Func<Task>> _stuck = [];
    private readonly Lock _committing = new();
    private List<Waiting> _waiting = [];
    private bool _isServing;
    private (int Count, TaskCompletionSource Reached)? _awaited;

    private sealed record Waiting(Func<Task> Write, Action Answer, Action<Exception> Fail);

    /// <summary>No batch is taken up before this has completed.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>How many writes each batch has had.</summary>
    public IReadOnlyList<int> Sizes
    {
        get
        {
            lock (_lock)
                return [.. _sizes];
        }
    }

    /// <summary>Completes when this many writes wait.</summary>
    public Task UntilWaiting(int count)
    {
        lock (_lock)
        {
            if (_waiting.Count >= count)
                return Task.CompletedTask;
            _awaited = (count, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return _awaited.Value.Reached.Task.WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System);
        }
    }

    public Task<T> Write<T>(Func<Task<T>> write)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        T result = default!;
        lock (_lock)
        {
            _waiting.Add(
                new Waiting(
                    async () => result = await write(),
                    () => answer.TrySetResult(result),
                    failure => answer.TrySetException(failure)
                )
            );
            if (_awaited is { } awaited && _waiting.Count >= awaited.Count)
                awaited.Reached.TrySetResult();
            if (!_isServing)
            {
                _isServing = true;
                Task.Run(Serve);
            }
        }

        return answer.Task;
    }

    private async Task Serve()
    {
        while (true)
        {
            await Gate;
            List<Waiting> batch;
            int number;
            lock (_lock)
            {
                (batch, _waiting) = (_waiting, []);
                _isServing = batch.Count > 0;
                if (!_isServing)
                    return;
                _sizes.Add(batch.Count);
                number = _sizes.Count;
            }

            Commit(batch, faultOf(number));
        }
    }

    /// <summary>What is stuck is committed before a claim.</summary>
    public Task<long> Claim(Func<Task<long>> claim)
    {
        lock (_committing)
        {
            Do(_stuck);
            return claim();
        }
    }

    private void Commit(List<Waiting> batch, GroupFault fault)
    {
        lock (_committing)
        {
            Do(_stuck);
            Do(_late);
            var writes = batch.Select(waiting => waiting.Write);
            if (fault == GroupFault.Late)
                _late.AddRange(writes);
            else if (fault == GroupFault.Stuck)
                _stuck.AddRange(writes);
            else if (fault != GroupFault.BeforeWriting)
                Do([.. writes]);
        }

        foreach (var waiting in batch)
        {
            if (fault == GroupFault.None)
                waiting.Answer();
            else
                waiting.Fail(new StoreUnavailableException("The test lost a batch."));
        }
    }

    /// <remarks>The table in memory answers at once.</remarks>
    private static void Do(List<Func<Task>> writes)
    {
        foreach (var write in writes)
            write().GetAwaiter().GetResult();
        writes.Clear();
    }
}
