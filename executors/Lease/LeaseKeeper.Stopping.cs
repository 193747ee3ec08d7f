using System.Runtime.InteropServices;
using GlueOrleans.GrainInterfaces.Executors;

namespace GlueOrleans.Executors.Lease;

/// <summary>How a node stops in good order: it takes no more runs, may wait for those it has, and sees to it that the others
/// go on until its next process is there.</summary>
internal sealed partial class LeaseKeeper
{
    private static readonly TimeSpan DrainLook = TimeSpan.FromMilliseconds(200);

    /// <param name="cancellationToken">The host's patience has ended.</param>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_opening)
        {
            _stopping.TrySetResult();
            if (_held is not null)
                _tenure.Close("this node is stopping.");
        }

        if (_options.DrainTimeout > TimeSpan.Zero)
            await Drain(cancellationToken);
        await base.StopAsync(cancellationToken);
        if (_held is { } tenure)
            await Prolong(tenure, cancellationToken);
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

    /// <summary>The last renewal. The scripts are not told.</summary>
    private async Task Prolong(ExecutorTenure tenure, CancellationToken cancellation)
    {
        try
        {
            // One that arrives after this would make the lease shorter than the file says.
            await _asked
                .WaitAsync(Patience, _wall, cancellation)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_asked.IsCompleted)
                throw new TimeoutException("An earlier request to the database has not been answered.");
            var lasts = _options.RestartGrace > Lease ? _options.RestartGrace : Lease;
            var sent = Uptime.Now();
            if (
                !await _nodes.Renew(tenure, Request(isAccepting: false, lasts)).WaitAsync(Patience, _wall, cancellation)
            )
                throw new InvalidOperationException("The lease is over.");
            Note(tenure, sent + lasts);
            _log.LeftAlone(lasts);
        }
        catch (Exception e)
        {
            _log.NotProlonged(e);
        }
    }
}
