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
internal sealed partial class SupervisedRun(
    RunDirectory directory,
    RunRecord placed,
    ExecutorServices services,
    CancellationToken lettingGo
)
{
    private readonly ReportQueue _reports = services.ReportsOf(placed, lettingGo);

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
        await _watching;
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
        var uid = services.Users?.Take(directory.Id, services.IsKnown);
        if (uid is null && services.Users is not null)
            return new SupervisorAnswer.NotNow();
        directory.Prepare(uid);
        var script = directory.Script(ScriptArguments.IsScala(run.Settings));
        if (await services.Scripts.Fetch(run, script, cancellation) is { } fault)
            return new SupervisorAnswer.Failed(fault);
        var environment = ScriptEnvironment.Of(run, services.Options, uid is null ? null : directory.Work, uid);
        directory.Bookmark.Give(bookmark, environment);
        directory.HandOver(script);
        directory.HandOver(directory.Bookmark.Input);
        switch (await services.Planner.Plan(run, directory, environment, services.Cage.Words(uid), cancellation))
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

    private async Task TakeUp(bool reportLaunched)
    {
        if (_observation is not null)
            return;
        if (directory.ReadClaim() is null && directory.TryClaimAsAbandoned())
        {
            services.Log.Abandoned(directory.Id);
        }

        var found = directory.ReadClaim();
        // By any other claim there is nothing to end; but a script without a cage may have written it.
        if (found is not Claim.Supervised)
            await EndWhatIsLeft();
        switch (found)
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
        lock (_killing)
        {
            GiveUidBack();
            _isOver = true;
        }

        if (last is RunReport.Exited exited)
            services.Log.Exited(directory.Id, exited.ExitCode);
        else if (last is RunReport.LaunchFailed failed)
            services.Log.LaunchFailed(directory.Id, failed.ErrorMessage);
        _reports.Add(last);
        _ = services.Forget(directory.Id, this, _reports.Delivered());
    }

    /// <summary>Before the run is over: who has room for another script has an id for it.</summary>
    private void GiveUidBack()
    {
        try
        {
            if (services.Users is { } users)
                users.GiveBack(directory);
            else if (directory.HoldsUid && !ProcessTree.Lives(directory))
                directory.GiveUidBack();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            services.Log.RequestFailed(e, directory.Id); // it stays taken, until somebody needs it
        }
    }

    private async Task WaitForOwn(Process process)
    {
        using (process)
            await process.WaitForExitAsync(lettingGo);
    }
}
