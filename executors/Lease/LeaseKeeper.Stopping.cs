using System.Runtime.InteropServices;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Executors;

namespace GlueOrleans.Executors.Lease;

/// <summary>How a node stops in good order: it takes no more runs, may wait for those it has, and sees to it that the others
/// go on until its next process is there.</summary>
internal sealed partial class LeaseKeeper
{
    private static readonly TimeSpan DrainLook = TimeSpan.FromMilliseconds(200);

    /// <summary>The stop that is under way, or done: a host may ask twice.</summary>
    private Task? _stop;

    /// <param name="cancellationToken">The host's patience has ended.</param>
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_opening)
        {
            _stopping.TrySetResult();
            if (_held is not null)
                _tenure.Close("this node is stopping.");
            return _stop ??= Task.Run(() => Stop(cancellationToken), CancellationToken.None);
        }
    }

    private async Task Stop(CancellationToken cancellation)
    {
        if (_options.DrainTimeout > TimeSpan.Zero)
            await Drain(cancellation);
        await base.StopAsync(cancellation);
        // Others may have used up the host's patience, but whether the scripts go on depends on a moment more.
        var keeping = ExecuteTask ?? Task.CompletedTask;
        await keeping
            .WaitAsync(Patience, _wall, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_held is { } tenure)
            await LeaveInOrder(tenure, keeping);
    }

    private async Task Drain(CancellationToken cancellation)
    {
        _log.Draining(_options.DrainTimeout);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Again);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Again);
        var begun = _wall.GetTimestamp();
        // Without a lease there is nothing to wait for: all has been ended.
        while (_held is not null && !_executor.IsIdle && _wall.GetElapsedTime(begun) < _options.DrainTimeout)
        {
            await Task.Delay(DrainLook, _wall, enough.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (enough.IsCancellationRequested)
                return;
        }

        void Again(PosixSignalContext signal)
        {
            signal.Cancel = true;
            enough.Cancel();
        }
    }

    /// <summary>The last renewal. The scripts are not told. Where there are none, the lease ends at once: then nobody need wait
    /// for it, on whatever machine the folder is next.</summary>
    private async Task LeaveInOrder(ExecutorTenure tenure, Task keeping)
    {
        try
        {
            if (!keeping.IsCompleted)
                throw new TimeoutException("The lease is still being written.");
            // As a new holder: a renewal that is under way yet, and would make the lease shorter than the file says, is refused.
            var last = Request(isAccepting: false, LongestLease) with
            {
                Holder = Guid.NewGuid().ToString(),
            };
            var sent = Uptime.Now();
            var answer = await _nodes.Acquire(last).WaitAsync(Patience, _wall);
            if (answer.Tenure != tenure)
                throw new InvalidOperationException("The lease is over.");
            if (await IsEmpty(tenure))
            {
                Note(tenure, Uptime.Now());
                await _nodes.Renew(tenure, last with { Lasts = TimeSpan.Zero }).WaitAsync(Patience, _wall);
                _log.GivenUp();
                return;
            }

            Note(tenure, sent + LongestLease);
            _log.LeftAlone(LongestLease);
        }
        catch (Exception e)
        {
            _log.NotProlonged(e);
        }
    }

    /// <summary>Whether nothing runs here, and by the table nothing is to. False also when that cannot be found out.</summary>
    private async Task<bool> IsEmpty(ExecutorTenure tenure)
    {
        if (!_executor.IsIdle || _processes.Living().Count > 0)
            return false;
        try
        {
            var placed = await _store.LoadExecutorRoster().WaitAsync(Patience, _wall);
            return placed.All(run => run.Executor != tenure);
        }
        catch (Exception e) when (e is TimeoutException or StoreUnavailableException)
        {
            return false;
        }
    }
}
