using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Runs;

namespace GlueOrleans.Grains.Jobs;

/// <summary>
/// What starts without a client: the retries and restarts that are due, and the runs in WAITING, in this order. One pass
/// at a time; whoever wants one meanwhile gets another pass.
/// </summary>
/// <remarks>Everything here is made up for by the sweep over jobs that have such runs (Upkeep/JobTender).</remarks>
public sealed partial class JobGrain
{
    /// <summary>Grain timers reach 49.7 days.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(45);

    private Task _pass = Task.CompletedTask;
    private bool _passIsWanted;
    private bool _passCountsAgain;
    private int _timesFenced;
    private IGrainTimer? _owedTimer;

    /// <summary>The account was asked for a run that it had no room for, and keeps others waiting for it.</summary>
    private bool _isWaitedForInAccount;

    public Task Tend()
    {
        _passCountsAgain = true;
        return Pass();
    }

    public async Task SlotFreed(RunStanding run)
    {
        if (run.State != JobRunState.Waiting)
            ReleaseInAccount(run.RunId);
        if (_admission is not { IsCompletedSuccessfully: true })
        {
            // Whether runs wait for this slot is in the table: the first look at it is this activation's.
            await Pass();
            return;
        }

        var admission = _admission.Result;
        if (run.State == JobRunState.Waiting)
        {
            await PutBack(admission, run.RunId);
            return;
        }

        admission.Slots.Release(run.RunId);
        admission.Queue.Remove(run.RunId);
        if (run.SuccessorDueAt is { } dueAt)
            admission.Queue.Owe(new OwedRun(run.RunId, dueAt));
        if (!admission.Queue.IsEmpty)
            await Pass();
    }

    /// <summary>An executor had no room for the run. It takes its old place, and the next sweep tries again: not at once, for
    /// nothing has changed.</summary>
    /// <remarks>Calls arrive in any order: by now the run may have been admitted again. Its row and the ledger know.</remarks>
    private async Task PutBack(Admission admission, string runId)
    {
        using var read = admission.Slots.BeginRead();
        if (await store.Find(runId) is not { State: JobRunState.Waiting } || !admission.Slots.HasHeldSince(runId, read))
            return;
        // What the account holds for it is found to be free when it is needed. To give it back now would be a message that
        // may come when the run has been admitted again.
        await Correct(admission);
    }

    private void StartWhatCan() => Pass().Ignore();

    private async Task Pass()
    {
        _passIsWanted = true;
        if (_pass.IsCompleted)
            _pass = Passes();
        await _pass;
    }

    private async Task Passes()
    {
        _timesFenced = 0;
        while (_passIsWanted)
        {
            _passIsWanted = false;
            try
            {
                await OnePass();
            }
            catch (Exception e) when (_passIsWanted)
            {
                // Whoever wanted another one meanwhile has news that this one may not have had.
                LogPassFailed(e, _key);
            }
        }
    }

    private async Task OnePass()
    {
        var admission = await OwnAdmission();
        if (_passCountsAgain)
        {
            _passCountsAgain = false;
            await Correct(admission);
        }

        await StartOwed(admission);
        await StartWaiting(admission);
        ArmOwedTimer(admission.Queue);
    }

    private async Task StartOwed(Admission admission)
    {
        HashSet<bool> blockedKinds = [];
        foreach (var owed in admission.Queue.OwedAt(clock.GetUtcMilliseconds()))
        {
            if (await store.Find(owed.PreviousRunId) is not { SuccessorDueAt: not null } previous)
            {
                admission.Queue.Settle(owed.PreviousRunId);
                continue;
            }

            var run = NewRun.After(previous);
            if (_definition is null)
            {
                await RecordError(run, $"The job {_key.Name} was deleted before this run could start.");
                continue;
            }

            if (blockedKinds.Contains(run.Settings.IsFlex))
                continue;
            if (admission.Slots.SlotsHeld >= Limit)
            {
                LetOthersPass();
                return;
            }

            admission.Slots.Reserve(run.Id);
            var answer = await Ask(admission, run, CapacityPurpose.StartWhenPossible);
            if (answer.Result != CapacityResult.Granted)
            {
                admission.Slots.Abandon(run.Id);
                _isWaitedForInAccount = true;
                if (answer.Result == CapacityResult.Wait)
                    blockedKinds.Add(run.Settings.IsFlex);
                continue;
            }

            var row = run.Starting(
                admission.Slots.NextOrdinal(),
                answer.Executor,
                clock.GetUtcMilliseconds(),
                deadlines.Value
            );
            if (!await TryCreate(admission, new Placed(row, answer.Epoch)))
            {
                WasFenced();
                return;
            }
        }
    }

    /// <remarks>One after the other: were the next one written while the first is on its way, and the first one fenced, it
    /// would have been overtaken.</remarks>
    private async Task StartWaiting(Admission admission)
    {
        HashSet<bool> blockedKinds = [];
        HashSet<string> hopeless = new(StringComparer.Ordinal);
        foreach (var run in admission.Queue.Waiting)
        {
            if (blockedKinds.Contains(run.IsFlex) || !admission.Queue.Contains(run.Id))
                continue;
            if (admission.Queue.HasBefore(run, hopeless))
            {
                // It has come while others were asked for, and is this one's elder.
                _passIsWanted = true;
                return;
            }

            if (admission.Queue.IsAwaiting(run))
            {
                // Rows are not always committed in the order of their ordinals. The one before has another pass when it is.
                blockedKinds.Add(run.IsFlex);
                continue;
            }

            if (admission.Slots.SlotsHeld >= Limit)
            {
                LetOthersPass();
                await NoteReason(admission, run, LimitTexts.WaitsForJob(Limit));
                break;
            }

            admission.Slots.Reserve(run.Id);
            var answer = await AskFor(admission, run, NextAfter(admission, run));
            if (answer.Result != CapacityResult.Granted)
            {
                admission.Slots.Abandon(run.Id);
                _isWaitedForInAccount = true;
                // What can never fit, since a limit was lowered, keeps nobody waiting.
                if (answer.Result == CapacityResult.Wait)
                    blockedKinds.Add(run.IsFlex);
                else
                    hopeless.Add(run.Id);
                await NoteReason(admission, run, LimitTexts.Waits(answer, run.Dpus));
                continue;
            }

            if (!await TryAdmit(admission, run, answer.Epoch, answer.Executor!))
                return;
        }
    }

    /// <summary>At its own limit the job has no use for what its account may have kept for it.</summary>
    private void LetOthersPass()
    {
        if (!_isWaitedForInAccount)
            return;
        _isWaitedForInAccount = false;
        Account.Decline(_key).Ignore();
    }

    /// <summary>Who asks next, if this run is granted; <c>null</c>: nobody, or the job has no slot for it.</summary>
    private PlaceNext? NextAfter(Admission admission, WaitingRun run)
    {
        if (admission.Slots.SlotsHeld >= Limit || admission.Queue.NextAfter(run) is not { } next)
            return null;
        _isWaitedForInAccount = true;
        return new PlaceNext(next.Id, next.Dpus, next.Since);
    }

    private async Task<CapacityAnswer> AskFor(Admission admission, WaitingRun run, PlaceNext? next)
    {
        try
        {
            return await Account.Ask(
                new CapacityRequest(
                    run.Id,
                    _key,
                    CapacityPurpose.StartWhenPossible,
                    run.Dpus,
                    run.IsFlex,
                    run.Since,
                    next
                )
            );
        }
        catch
        {
            admission.Slots.Abandon(run.Id);
            throw;
        }
    }

    /// <summary>Has the run begin, whose slot is reserved. It stays in the queue until its row says that it has left it, so
    /// that nobody comes before it. False: that is not known, and nobody behind it may leave the queue now.</summary>
    private async Task<bool> TryAdmit(Admission admission, WaitingRun run, long accountEpoch, ExecutorTenure executor)
    {
        AdmitResult result;
        try
        {
            result = await GrainFactory
                .Grain<IJobRunGrain>(run.Id)
                .Admit(new AdmissionEpochs(admission.Epoch, accountEpoch), executor);
        }
        catch (Exception e)
        {
            // It may hold the slot by now, or later. It counts as if it did, until a new claim has made sure; and who comes
            // now comes after it.
            LogNotAdmitted(e, _key, run.Id);
            admission.Slots.Commit(run.Id);
            LoseAdmission(admission);
            return false;
        }

        switch (result)
        {
            case AdmitResult.Admitted:
                admission.Queue.Remove(run.Id);
                admission.Slots.Commit(run.Id);
                return true;
            case AdmitResult.Ended:
                admission.Queue.Remove(run.Id);
                GiveUp(admission, run.Id);
                return true;
            case AdmitResult.FencedByAccount:
                admission.Slots.Abandon(run.Id);
                await Account.WasFenced(accountEpoch);
                WasFenced();
                return false;
            default:
                admission.Slots.Abandon(run.Id);
                LoseAdmission(admission);
                WasFenced();
                return false;
        }
    }

    /// <summary>Somebody else claimed the right to admit meanwhile. Another pass claims it back, but not for ever.</summary>
    private void WasFenced() => _passIsWanted |= ++_timesFenced < MostTries;

    /// <summary>Says what the first in line waits for, if it is not what it waited for before.</summary>
    private async Task NoteReason(Admission admission, WaitingRun run, string reason)
    {
        if (run.StateDetail == reason || !admission.Queue.Contains(run.Id))
            return;
        admission.Queue.Add(run with { StateDetail = reason });
        await GrainFactory.Grain<IJobRunGrain>(run.Id).KeepWaiting(reason);
    }

    /// <summary>Records that a run was to start of a job that is no more. False: somebody else admits runs now.</summary>
    private async Task<bool> RecordError(NewRun run, string why)
    {
        var admission = await OwnAdmission();
        var row = run.Ended(admission.Slots.NextOrdinal(), JobRunState.Error, why, clock.GetUtcMilliseconds());
        if (!await TryCreate(admission, new Placed(row, AccountEpoch: null)))
            return false;
        ReleaseInAccount(run.Id); // it may have waited for capacity as long as there was a job
        return true;
    }

    /// <summary>Wakes the job when the next retry is due, and keeps it in memory until then.</summary>
    private void ArmOwedTimer(RunQueue queue)
    {
        _owedTimer?.Dispose();
        _owedTimer = null;
        var now = clock.GetUtcMilliseconds();
        if (queue.NextDueAfter(now) is not { } dueAt)
            return;
        // A longer pause than timers reach is the sweep's.
        if (dueAt - now > LongestTimer)
            return;
        _owedTimer = this.RegisterGrainTimer(
            _ => Pass(),
            new GrainTimerCreationOptions(dueAt - now, Timeout.InfiniteTimeSpan) { KeepAlive = true }
        );
    }
}
