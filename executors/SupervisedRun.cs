using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;

namespace GlueOrleans.Executors;

/// <summary>
/// One run on this node, from the first request for it to the delivery of its last report. Its requests are carried out
/// one after the other. What it knows it reads from the run's directory; in memory is only what it is waiting for.
/// </summary>
[SuppressMessage(
    "Design",
    "CA1001",
    Justification = "A source without timer or link holds nothing, and a stop may come at any time."
)]
internal sealed class SupervisedRun(
    RunDirectory directory,
    RunRecord placed,
    ExecutorServices services,
    CancellationToken lettingGo
)
{
    private readonly ReportQueue _reports = services.ReportsOf(placed, lettingGo);

    private const string Fenced =
        "The executor node could not renew its lease (Executor:Lease), so the script was ended: the database was out of "
        + "its reach for too long, or the node was not running.";

    private readonly Lock _gate = new();

    /// <summary>Cancelled by a stop: what is not launched yet need not be.</summary>
    private readonly CancellationTokenSource _stopping = new();

    private Task _requests = Task.CompletedTask;

    /// <summary>Waits for the process and then reports its exit; <c>null</c> until there is a process.</summary>
    private Task? _observation;
    private ProcessIdentity _supervisor;
    private bool _isStopped;
    private bool _isDrained;
    private bool _stopCameFirst;
    private volatile bool _isOver;

    /// <summary>Nothing of the run is left on this machine but the report that says so.</summary>
    public bool IsOver => _isOver;

    /// <summary>What it takes of the node's DPUs.</summary>
    public double Dpus => placed.Settings.MaxCapacity;

    public void Launch(RunRecord run, BookmarkInput? bookmark) => Enqueue(() => Launching(run, bookmark));

    public void FailLaunch(string why) => Enqueue(() => _observation is null ? Fail(why) : Task.CompletedTask);

    public void Resume() => Enqueue(() => Again(() => TakeUp(reportLaunched: false)));

    public void Stop()
    {
        _stopping.Cancel();
        Enqueue(() => Again(Stopping));
    }

    public void Drain() => Enqueue(() => Again(Draining));

    /// <summary>Completes when everything requested so far has been done, and the run's process is gone or let go.</summary>
    public async Task Finished()
    {
        Task pending;
        lock (_gate)
            pending = _requests;
        await pending;
        if (_observation is { } observing)
            await observing;
        await _reports.Delivered();
    }

    private void Enqueue(Func<Task> request)
    {
        lock (_gate)
        {
            // The grain that asks must not be the one that works: this leaves its scheduler.
            var before = _requests;
            _requests = Task.Run(() => After(before, request));
        }
    }

    private async Task After(Task before, Func<Task> request)
    {
        await before;
        if (_isOver || lettingGo.IsCancellationRequested)
            return;
        try
        {
            await request();
        }
        catch (OperationCanceledException) when (lettingGo.IsCancellationRequested) { }
        catch (Exception e)
        {
            services.Log.RequestFailed(e, directory.Id);
        }
    }

    /// <summary>A disk that fails now may work later, and a run must not be given up over it.</summary>
    private Task Again(Func<Task> request) =>
        services.Retry.ExecuteAsync(async _ => await request(), lettingGo).AsTask();

    private async Task Launching(RunRecord run, BookmarkInput? bookmark)
    {
        if (_observation is not null)
            return;
        if (directory.ReadClaim() is not null)
        {
            await Again(() => TakeUp(reportLaunched: true));
            return;
        }

        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(lettingGo, _stopping.Token);
        SupervisorAnswer answer;
        try
        {
            answer = await Start(run, bookmark, cancelled.Token);
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            return; // the stop that follows claims the run, or the next node does
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            answer = new SupervisorAnswer.Failed($"{directory.Folder} cannot be used: {e.Message}");
        }
        catch (Exception e)
        {
            // Nobody's process exists, and waiting for the launch deadline would only hide why.
            services.Log.RequestFailed(e, directory.Id);
            answer = new SupervisorAnswer.Failed($"The script could not be started: {e.Message}");
        }

        switch (answer)
        {
            case SupervisorAnswer.Started started:
                services.Log.Launched(directory.Id, started.Supervisor.Id);
                _reports.Add(new RunReport.Launched { At = services.Now });
                Observe(directory.ReadClaim(), WaitForOwn(started.Supervisor), isOwn: true);
                break;
            case SupervisorAnswer.Taken:
                await Again(() => TakeUp(reportLaunched: true));
                break;
            case SupervisorAnswer.Failed failed:
                await Fail(failed.Why);
                break;
            case SupervisorAnswer.NotNow:
                services.Log.NotNow(directory.Id);
                break;
        }
    }

    private async Task<SupervisorAnswer> Start(RunRecord run, BookmarkInput? bookmark, CancellationToken cancellation)
    {
        directory.Prepare();
        var script = directory.Script(ScriptArguments.IsScala(run.Settings));
        if (await services.Scripts.Fetch(run, script, cancellation) is { } fault)
            return new SupervisorAnswer.Failed(fault);
        var environment = ScriptEnvironment.Of(run, services.Options);
        directory.Bookmark.Give(bookmark, environment);
        switch (await services.Planner.Plan(run, directory, environment, cancellation))
        {
            case LaunchPlan.Ready ready:
                cancellation.ThrowIfCancellationRequested();
                // Fetching may have taken longer than the lease lasts; whoever keeps it may not have noticed yet.
                if (!services.Tenure.Vouches(placed.Executor))
                    return new SupervisorAnswer.NotNow();
                var answer = await Supervisor.Start(
                    directory,
                    services.Tenure.LeaseFor(placed.Executor),
                    services.Options.Python,
                    ready.CommandLine,
                    environment
                );
                return answer is SupervisorAnswer.Failed { Why: var why }
                    ? new SupervisorAnswer.Failed($"The script could not be started: {why}.")
                    : answer;
            case LaunchPlan.Impossible impossible:
                return new SupervisorAnswer.Failed(impossible.Message);
            default:
                throw new InvalidOperationException("A launch plan is ready or impossible.");
        }
    }

    /// <summary>Makes the failure final before it is reported: a launch that is repeated finds the claim.</summary>
    private async Task Fail(string why)
    {
        var message = FailureMessage.Cut(why);
        bool claimed;
        try
        {
            claimed = directory.TryClaimAsFailed(message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            services.Log.RequestFailed(e, directory.Id);
            claimed = true; // where this file cannot be made, no supervisor can make it either
        }

        if (claimed)
            Over(new RunReport.LaunchFailed { At = services.Now, ErrorMessage = message });
        else
            await Again(() => TakeUp(reportLaunched: true));
    }

    private Task TakeUp(bool reportLaunched)
    {
        if (_observation is not null)
            return Task.CompletedTask;
        if (directory.ReadClaim() is null && directory.TryClaimAsAbandoned())
        {
            services.Log.Abandoned(directory.Id);
        }

        switch (directory.ReadClaim())
        {
            case Claim.Supervised claim:
                if (reportLaunched)
                    _reports.Add(new RunReport.Launched { At = services.OnNodeClock(claim.At) });
                services.Log.FoundAgain(directory.Id, claim.Supervisor.Pid);
                var gone = directory.ReadExit() is null
                    ? services.Watch.Gone(claim.Supervisor).WaitAsync(lettingGo)
                    : Task.CompletedTask;
                Observe(claim, gone, isOwn: false);
                break;
            case Claim.Stopped claim:
                Over(NeverRan(services.OnNodeClock(claim.At), "The run was stopped before its script started."));
                break;
            case Claim.Failed claim:
                Over(new RunReport.LaunchFailed { At = services.OnNodeClock(claim.At), ErrorMessage = claim.Message });
                break;
            case var claim:
                Over(
                    NeverRan(
                        claim is null ? services.Now : services.OnNodeClock(claim.At),
                        "Its script was never started: the node was restarted before it could be."
                    )
                );
                break;
        }

        return Task.CompletedTask;
    }

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

    private void Observe(Claim? claim, Task gone, bool isOwn)
    {
        if (claim is Claim.Supervised { Supervisor: var identity })
            _supervisor = identity;
        _observation = Task.Run(() => Observing(gone, isOwn));
    }

    private async Task Observing(Task gone, bool isOwn)
    {
        try
        {
            await gone;
            await Again(() => Conclude(isOwn));
        }
        catch (OperationCanceledException) when (lettingGo.IsCancellationRequested) { }
        catch (Exception e)
        {
            services.Log.RequestFailed(e, directory.Id);
        }
    }

    private async Task Conclude(bool isOwn)
    {
        await EndWhatIsLeft();
        if (directory.ReadExit() is { } exit)
        {
            var (bookmark, fault) = exit.ExitCode == 0 ? directory.Bookmark.ReadCommit() : default;
            // For a process found again the file knows better when it ended than the clock does now.
            Over(
                new RunReport.Exited
                {
                    At = isOwn ? services.Now : services.OnNodeClock(exit.At),
                    ExitCode = exit.ExitCode,
                    AfterStop = _stopCameFirst || directory.IsStopMarked,
                    Bookmark = bookmark,
                    ErrorMessage =
                        fault
                        ?? (exit.ExitCode != 0 && directory.IsFenced ? Fenced : null)
                        ?? FailureMessage.For(
                            exit.ExitCode,
                            exit.ExitCode == 0
                                ? ""
                                : RunDirectory.ReadTail(directory.StandardError, FailureMessage.Tail)
                        ),
                }
            );
            return;
        }

        Over(
            NeverRan(
                services.Now,
                directory.IsFenced ? Fenced
                    : _supervisor.IsOfEarlierBoot
                        ? "The script's process vanished without recording an exit: the machine was restarted."
                    : "The script's process vanished without recording an exit: it was killed from outside."
            )
        );
    }

    /// <summary>"Exited" means that nothing of the run is left, also when the supervisor could not see to that.</summary>
    private async Task EndWhatIsLeft()
    {
        if (directory.ReadExit() is null)
            Signal(Posix.Sigkill);
        for (var round = 0; ; round++)
        {
            // A process that is being killed loses its environment, and so its mark, a moment before it is gone.
            var script = directory.ReadChild() is { IsAlive: true } child ? [child.Pid] : Array.Empty<int>();
            int[] left = [.. ProcessTree.Marked(directory.Id).Union(script)];
            if (left.Length == 0)
                return;
            if (round == ExecutorServices.KillRounds)
            {
                services.Log.Undead(directory.Id, string.Join(", ", left));
                return;
            }

            foreach (var pid in left)
                Posix.Kill(pid, Posix.Sigkill);
            await Task.Delay(ExecutorServices.KillPause, services.Wall.Time, lettingGo);
        }
    }

    private static RunReport.Exited NeverRan(DateTimeOffset at, string why) =>
        new()
        {
            At = at,
            ExitCode = -1,
            ErrorMessage = why,
        };

    private void Over(RunReport last)
    {
        _isOver = true;
        if (last is RunReport.Exited exited)
            services.Log.Exited(directory.Id, exited.ExitCode);
        else if (last is RunReport.LaunchFailed failed)
            services.Log.LaunchFailed(directory.Id, failed.ErrorMessage);
        _reports.Add(last);
        _ = services.Forget(directory.Id, this, _reports.Delivered());
    }

    private async Task WaitForOwn(Process process)
    {
        using (process)
            await process.WaitForExitAsync(lettingGo);
    }
}
