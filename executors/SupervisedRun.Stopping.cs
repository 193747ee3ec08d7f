namespace GlueOrleans.Executors;

/// <summary>How a run is asked to end, and made to.</summary>
internal sealed partial class SupervisedRun
{
    private async Task Stopping()
    {
        if (!_isStopped && await ProcessToEnd() is { } observing)
        {
            MarkStop();
            // Last: whatever failed before is tried again.
            _isStopped = true;
            _ = Task.Run(() => End(observing), CancellationToken.None);
        }
    }

    /// <summary>SIGTERM, and all the time the script wants. A stop may follow, and is not so patient.</summary>
    private async Task Draining()
    {
        if (!_isStopped && !_isDrained && await ProcessToEnd() is not null)
        {
            MarkStop();
            Signal(Posix.Sigterm);
            _isDrained = true;
            services.Log.Draining(directory.Id);
        }
    }

    /// <summary>The observation of the process that is to be ended; <c>null</c> when there is none, nor ever will be.</summary>
    private async Task<Task?> ProcessToEnd()
    {
        if (_observation is null)
        {
            if (directory.ReadClaim() is null)
                directory.TryClaimForStop();
            await TakeUp(reportLaunched: false);
        }

        return _observation;
    }

    /// <summary>Writes down that what happens from now on is the stop's doing, for this node and for the next.</summary>
    private void MarkStop()
    {
        if (directory.ReadExit() is not null)
            return;
        _stopCameFirst = true;
        try
        {
            directory.MarkStop();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Only a node that has to take the run over in this very moment would have read it.
            services.Log.RequestFailed(e, directory.Id);
        }
    }

    /// <summary>SIGTERM, and after the grace period SIGKILL. What is gone by then is found by the observation.</summary>
    private async Task End(Task observing)
    {
        try
        {
            var grace = Task.Delay(services.Options.StopGrace, services.Wall.Time, lettingGo);
            // Only for a moment after a launch there is a supervisor and no script yet.
            while (directory.ReadChild() is null && !grace.IsCompleted && !observing.IsCompleted)
                await Task.Delay(TimeSpan.FromMilliseconds(50), services.Wall.Time, lettingGo);
            await Again(() => Signalling(Posix.Sigterm));
            services.Log.Stopping(directory.Id, services.Options.StopGrace.TotalSeconds);
            if (await Task.WhenAny(observing, grace) == observing || lettingGo.IsCancellationRequested)
                return;

            services.Log.Killing(directory.Id);
            if (directory.ReadChild() is null && _supervisor.IsAlive)
                Posix.Kill(_supervisor.Pid, Posix.Sigkill);
            await Again(() => Signalling(Posix.Sigkill));
            // A script of the node's user may have stopped its supervisor, which then records nothing.
            Posix.Kill(_supervisor.Pid, Posix.Sigcont);
            var patience = Task.Delay(services.Options.StopGrace, services.Wall.Time, lettingGo);
            if (await Task.WhenAny(observing, patience) != observing && _supervisor.IsAlive)
                Posix.Kill(_supervisor.Pid, Posix.Sigkill);
        }
        catch (OperationCanceledException) when (lettingGo.IsCancellationRequested) { }
        catch (Exception e)
        {
            services.Log.RequestFailed(e, directory.Id);
        }
    }

    private Task Signalling(int signal)
    {
        Signal(signal);
        return Task.CompletedTask;
    }

    private void Signal(int signal)
    {
        if (directory.ReadChild() is { } script)
            ProcessTree.SignalGroup(directory.Id, script, signal);
    }
}
