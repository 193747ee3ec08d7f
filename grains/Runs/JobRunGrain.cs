using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace GlueOrleans.Grains.Runs;

/// <summary>
/// Carries one run through its life: offers each event to <see cref="RunLifecycle"/>, stores the decision, then acts.
/// Lives while the run does; a finished run is a row, and so is one that waits for a slot.
/// </summary>
/// <remarks>An activation never deactivates itself while it is activated: the call that activated it would be sent on to
/// the next activation, which would do the same, and be refused in the end.</remarks>
[HashBasedPlacement] // spread evenly, however many start at once
[CollectionAgeLimit(Minutes = 2)]
public sealed partial class JobRunGrain(
    IRunStore store,
    IBookmarkStore bookmarks,
    IRunExecutor executor,
    IRunEvents events,
    LiveRuns live,
    IOptions<RunDeadlines> deadlines,
    TimeProvider clock,
    ILogger<JobRunGrain> log
) : Grain, IJobRunGrain
{
    /// <summary>Grain timers reach 49.7 days; a later deadline is armed again when the timer fires early.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(45);

    /// <summary>Another writer of this row can only be a second, dying activation: one reload settles it.</summary>
    private const int MostReloads = 3;

    /// <summary>Between two tries to find out what became of a write: long enough for a store to come back, and short enough
    /// that nobody waits for a stop.</summary>
    private static readonly TimeSpan DoubtPause = TimeSpan.FromSeconds(2);

    private RunRecord? _run;
    private IGrainTimer? _timer;

    /// <summary>The last write failed, and may have happened all the same.</summary>
    private bool _isInDoubt;

    /// <remarks>Should the row have changed since, the first write here is refused, and it is read. What is done before that
    /// is what every activation does that comes late: an executor starts no script twice.</remarks>
    public async Task Begin(RunRecord created)
    {
        if (_run is null)
            await TakeUp(created);
        else
            await Wake();
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        live.Hide(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    /// <remarks>It need not have been taken up: whoever looks on wakes nobody.</remarks>
    public Task<RunRecord?> Show() => Task.FromResult(_isInDoubt ? null : _run);

    private async Task TakeUp(RunRecord? row)
    {
        Know(row);
        if (row is null || row.State.IsTerminal())
            return;
        if (await Offer(new RunEvent.TakenUp()) is not RunDecision.Moved)
            await Resume();
    }

    /// <remarks>What is left, once it is taken up, is a deadline whose timer was lost or has not fired yet.</remarks>
    public async Task Wake()
    {
        await FindOutWhatWasWritten();
        if (_run is { DueAt: { } dueAt } run && dueAt <= clock.GetUtcMilliseconds())
            await Offer(new RunEvent.DeadlinePassed(run.State, dueAt));
    }

    public async Task CatchUp()
    {
        await FindOutWhatWasWritten();
        if (_run is { } run && !run.State.IsTerminal())
            await Perform(RunLifecycle.EffectsOwed(run));
    }

    /// <remarks>Repeated when the answer was lost: a run that holds a slot already was admitted.</remarks>
    public async Task<AdmitResult> Admit(AdmissionEpochs epochs, ExecutorTenure executor)
    {
        return await Offer(new RunEvent.Admitted(executor), epochs) switch
        {
            RunDecision.Fenced fenced => fenced.ByAccount ? AdmitResult.FencedByAccount : AdmitResult.Fenced,
            RunDecision.Moved => AdmitResult.Admitted,
            _ => _run?.State.HoldsSlot() == true ? AdmitResult.Admitted : AdmitResult.Ended,
        };
    }

    public Task KeepWaiting(string stateDetail) => Offer(new RunEvent.StillWaiting(stateDetail));

    /// <remarks>Whoever tells has read in the row that the run is placed there. If this grain believes otherwise, another
    /// activation has written it, and is gone.</remarks>
    public async Task ExecutorLost(ExecutorTenure executor)
    {
        var lost = new RunEvent.ExecutorLost(executor);
        if (await Offer(lost) is RunDecision.Moved || _run is null || _run.State.IsTerminal())
            return;
        await Reload();
        await Offer(lost);
    }

    public async Task<bool> RequestStop() =>
        await Offer(new RunEvent.StopRequested()) switch
        {
            RunDecision.Moved => true,
            RunDecision.Ignored => _run is not null, // STOPPING already, unless there is no row
            _ => false,
        };

    public async Task Report(RunReport report)
    {
        await FindOutWhatWasWritten();
        if (_run is null)
        {
            LogUnknown(this.GetPrimaryKeyString(), report.GetType().Name);
            return;
        }

        if (IsOfAnotherTenure(report))
        {
            // This activation may be the one that is not up to date.
            await Reload();
            if (_run is null || IsOfAnotherTenure(report))
            {
                LogNotBelieved(this.GetPrimaryKeyString(), report.GetType().Name, report.Executor, _run?.Executor);
                return;
            }
        }

        RunEvent happened = report switch
        {
            RunReport.Launched launched => new RunEvent.Launched(launched.At),
            RunReport.LaunchFailed failed => new RunEvent.LaunchFailed(failed.At, WithoutSecrets(failed.ErrorMessage)),
            RunReport.NoRoom noRoom => new RunEvent.NoRoom(noRoom.Limit, noRoom.Version),
            RunReport.Exited exited => new RunEvent.Exited(
                exited.At,
                exited.ExitCode,
                exited.ErrorMessage is { } message ? WithoutSecrets(message) : null,
                exited.AfterStop
            )
            {
                Bookmark = exited.Bookmark,
            },
            _ => throw new ArgumentOutOfRangeException(nameof(report), report, "Not a report this grain knows."),
        };
        await Offer(happened);
    }

    /// <summary>A script's last words may quote its arguments, and go into logs and events, to people who may not see those.</summary>
    private string WithoutSecrets(string message) => SecretNames.Redact(message, _run!.Settings.ScriptArguments);

    private bool IsOfAnotherTenure(RunReport report) =>
        report.Executor is { } executor && _run?.Executor is { } own && executor != own;

    /// <summary>Decide, store, act. A row that somebody else has written meanwhile is read again and decided again.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="admission">For a move that takes a slot: under which epochs.</param>
    private async Task<RunDecision> Offer(RunEvent happened, AdmissionEpochs? admission = null)
    {
        await FindOutWhatWasWritten();
        for (var reloads = 0; ; reloads++)
        {
            if (_run is not { } run)
                return new RunDecision.Ignored("the run has no row");
            var decision = RunLifecycle.Decide(run, happened, clock.GetUtcMilliseconds(), deadlines.Value);
            if (decision is not RunDecision.Moved moved)
            {
                LogNotMoved(run.Id, happened.GetType().Name, decision);
                return decision;
            }

            switch (await Save(moved.Next, run.Version, admission, await BookmarkOf(moved.Next, happened)))
            {
                case SaveResult.Saved:
                    LogMove(run, moved.Next);
                    RunMetrics.Moved(run, moved.Next);
                    ArmTimer();
                    await Perform(moved.Effects);
                    return decision;
                case SaveResult.Fenced:
                    return new RunDecision.Fenced(ByAccount: false);
                case SaveResult.FencedByAccount:
                    return new RunDecision.Fenced(ByAccount: true);
                case SaveResult.BookmarkStale:
                    happened = await WithoutItsBookmark((RunEvent.Exited)happened);
                    continue;
            }

            if (reloads == MostReloads)
                throw new InvalidOperationException(
                    $"Run {run.Id} is being written by somebody else, again and again."
                );
            await Reload();
        }
    }

    /// <summary>What is not Saved was not written: the row, the epochs or the bookmark are not what this grain believed.</summary>
    private async Task<SaveResult> Save(
        RunRecord next,
        long expectedVersion,
        AdmissionEpochs? admission,
        BookmarkEntry? bookmark
    )
    {
        try
        {
            var saved = await store.SaveIfUnchanged(next, expectedVersion, admission, bookmark);
            if (saved == SaveResult.Saved)
                Know(next);
            return saved;
        }
        catch (StoreUnavailableException)
        {
            // It may have been written. Whoever comes next, if only the timer, finds out before anything else.
            _isInDoubt = true;
            live.Hide(next.Id);
            Arm(deadlines.Value.ToNode(DoubtPause));
            throw;
        }
    }

    /// <summary>Reads the row if this activation has not yet, if there was none when it last looked (its creation may have been
    /// in doubt), or if the last write is in doubt.</summary>
    private async ValueTask FindOutWhatWasWritten()
    {
        if (_run is null)
            await TakeUp(await store.Find(this.GetPrimaryKeyString()));
        else if (_isInDoubt)
            await Reload();
    }

    /// <summary>The row is so: written, or read. While it is going, those who look on in this silo see it.</summary>
    private void Know(RunRecord? row)
    {
        _run = row;
        if (row?.State.HoldsSlot() == true)
            live.Show(row);
        else
            live.Hide(this.GetPrimaryKeyString());
    }

    /// <summary>Takes over what the row says, and does what it wants done: whoever wrote it may not have come to that.</summary>
    private async Task Reload()
    {
        var believed = _run!;
        var row = await store.Find(believed.Id);
        _isInDoubt = false;
        Know(row);
        if (_run is null || _run.Version == believed.Version)
        {
            ArmTimer();
            return;
        }

        LogReloaded(believed.Id, believed.Job, believed.State, _run.State);
        await Resume();
    }

    private Task Resume()
    {
        ArmTimer();
        return Perform(RunLifecycle.EffectsOwed(_run!));
    }

    private void LogMove(RunRecord before, RunRecord now)
    {
        if (now.State.IsTerminal() && now.State != JobRunState.Succeeded)
            LogEndedBadly(now.Id, now.Job, now.State.ToGlueName(), now.ErrorMessage);
        else
            LogMoved(now.Id, now.Job, before.State.ToGlueName(), now.State.ToGlueName());
    }

    private async Task Perform(IReadOnlyList<RunEffect> effects)
    {
        var run = _run!;
        foreach (var effect in effects)
        {
            try
            {
                await Perform(run, effect);
            }
            catch (Exception e)
            {
                // The row stands, and with it what is owed: the next activation or the state's deadline makes up for it.
                LogEffectFailed(e, run.Id, effect);
            }
        }

        if (run.State.IsTerminal())
            DeactivateOnIdle();
    }

    private Task Perform(RunRecord run, RunEffect effect) =>
        effect switch
        {
            RunEffect.Launch => Launch(run),
            RunEffect.Resume => executor.Resume(run),
            RunEffect.StopProcess => executor.Stop(run),
            RunEffect.DrainProcess => executor.Drain(run),
            RunEffect.ReleaseSlot => ReleaseSlot(run),
            RunEffect.AnnounceEnd => Announce(() => events.Ended(run)),
            RunEffect.AnnounceDelay => Announce(() => events.Delayed(run, clock.GetUtcMilliseconds())),
            _ => throw new ArgumentOutOfRangeException(nameof(effect), effect, "Not an effect this grain performs."),
        };

    /// <remarks>Not awaited: the job may be waiting for this grain. A lost call is made up for by the job itself.</remarks>
    private Task ReleaseSlot(RunRecord run)
    {
        GrainFactory
            .Grain<IJobGrain>(run.Job.GrainKey)
            .SlotFreed(new RunStanding(run.Id, run.State, run.SuccessorDueAt))
            .Ignore();
        return Task.CompletedTask;
    }

    private static Task Announce(Action publish)
    {
        publish();
        return Task.CompletedTask;
    }

    /// <summary>Keeps a live run in memory until its end, and wakes it at its deadline.</summary>
    private void ArmTimer()
    {
        _timer?.Dispose();
        _timer = null;
        if (_run is null || _run.State.IsTerminal())
            return;
        // One in the queue with nothing to come for is its job's to remember: there may be many.
        if (!_run.State.HoldsSlot() && _run.DueAt is null)
        {
            DelayDeactivation(TimeSpan.Zero);
            return;
        }

        // A timer does not keep a grain in memory, so the run does, until it has ended.
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        if (_run.DueAt is { } dueAt)
            Arm(dueAt - clock.GetUtcNow());
    }

    private void Arm(TimeSpan wait)
    {
        _timer?.Dispose();
        wait = wait < TimeSpan.Zero ? TimeSpan.Zero : (wait > LongestTimer ? LongestTimer : wait);
        _timer = this.RegisterGrainTimer(OnTimer, new GrainTimerCreationOptions(wait, Timeout.InfiniteTimeSpan));
    }

    private async Task OnTimer(CancellationToken cancellation)
    {
        try
        {
            await FindOutWhatWasWritten();
            if (_run is not { DueAt: { } dueAt } run)
                return;
            // A timer counts from the moment it was armed and may fire a little early by the clock.
            if (dueAt > clock.GetUtcMilliseconds())
                ArmTimer();
            else
                await Offer(new RunEvent.DeadlinePassed(run.State, dueAt));
        }
        catch (StoreUnavailableException e)
        {
            LogStoreAway(e, this.GetPrimaryKeyString());
            Arm(deadlines.Value.ToNode(DoubtPause));
        }
    }
}
