using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Runs;
using GlueOrleans.Grains.Telemetry;

namespace GlueOrleans.Grains.Jobs;

/// <summary>From a reservation to a row, and what becomes of the reservation if there is none.</summary>
public sealed partial class JobGrain
{
    /// <summary>Asks the account on behalf of a run that has no row yet. A failed call leaves nothing reserved here; what it
    /// reserved there runs out.</summary>
    private async Task<CapacityAnswer> Ask(Admission admission, NewRun run, CapacityPurpose purpose)
    {
        try
        {
            return await Account.Ask(
                new CapacityRequest(
                    run.Id,
                    _key,
                    purpose,
                    run.Settings.MaxCapacity,
                    run.Settings.IsFlex,
                    clock.GetUtcMilliseconds()
                )
            );
        }
        catch
        {
            admission.Slots.Abandon(run.Id);
            admission.Queue.Abandon(run.Id);
            throw;
        }
    }

    /// <summary>Writes the run's row and hands the run over. False: it was not written; the place is to be found anew.</summary>
    private async Task<bool> TryCreate(Admission admission, Placed placed)
    {
        var run = placed.Row;
        CreateResult result;
        try
        {
            result = await store.TryCreate(run, new AdmissionEpochs(admission.Epoch, placed.AccountEpoch));
        }
        catch (StoreUnavailableException)
        {
            // The row may exist after all. Then it holds what it was promised and wants to be taken up; waking it finds out.
            Count(admission, run);
            HandOver(run.Id);
            Doubt(admission, run.Id);
            throw;
        }
        catch
        {
            // The row itself was refused: it does not exist, and holds nothing.
            GiveUp(admission, run.Id);
            throw;
        }

        switch (result)
        {
            case CreateResult.Created:
                RunMetrics.Accepted(run);
                Count(admission, run);
                if (run.State.IsTerminal())
                {
                    events.Ended(run);
                    // A retry may have waited there.
                    ReleaseInAccount(run.Id);
                }
                else if (run.State.HoldsSlot() || run.DueAt is not null)
                {
                    HandOver(run);
                }

                return true;
            case CreateResult.IdTaken:
                await Recognise(admission, run);
                return true;
            case CreateResult.FencedByAccount:
                LogNotCreated(_key, run.Id, result);
                GiveUpHere(admission, run.Id);
                await Account.WasFenced(placed.AccountEpoch ?? 0);
                return false;
            default:
                LogNotCreated(_key, run.Id, result);
                GiveUpHere(admission, run.Id);
                LoseAdmission(admission);
                return false;
        }
    }

    /// <summary>What was written under this admission is not known, and may even come later: a server can be stuck in a commit
    /// of which nobody waits for the answer any more. A new claim waits for that commit, or rules it out, and counts again.</summary>
    private void Doubt(Admission admission, string runId)
    {
        _inDoubt.Add(runId);
        LoseAdmission(admission);
        StartWhatCan();
    }

    /// <summary>After a claim: what it found to be there may have come after it was woken in vain.</summary>
    private void SettleDoubts(JobRoster roster)
    {
        foreach (var runId in roster.SlotHolders.Where(_inDoubt.Contains))
            HandOver(runId);
        _inDoubt.Clear();
    }

    private void Count(Admission admission, RunRecord run)
    {
        admission.Slots.Commit(run.Id);
        if (RunId.IsSuccessor(run) && run.PreviousRunId is { } previousRunId)
            admission.Queue.Settle(previousRunId);
        if (run.State == JobRunState.Waiting)
        {
            admission.Queue.Add(WaitingRunOf(run));
            // A slot may have become free while the row was on its way.
            StartWhatCan();
        }
    }

    /// <summary>The run exists: an earlier try of the same call has made it, or another activation a retry. What it holds is
    /// in its row.</summary>
    private async Task Recognise(Admission admission, RunRecord run)
    {
        admission.Slots.Commit(run.Id);
        admission.Queue.Abandon(run.Id);
        if (RunId.IsSuccessor(run) && run.PreviousRunId is { } previousRunId)
            admission.Queue.Settle(previousRunId);
        await Correct(admission);
        if (await store.Find(run.Id) is { } row && row.State.IsTerminal())
            ReleaseInAccount(run.Id);
    }

    private void GiveUp(Admission admission, string runId)
    {
        GiveUpHere(admission, runId);
        ReleaseInAccount(runId);
    }

    private static void GiveUpHere(Admission admission, string runId)
    {
        admission.Slots.Abandon(runId);
        admission.Queue.Abandon(runId);
    }

    /// <remarks>Not awaited: a lost call leaves a promise that runs out.</remarks>
    private void ReleaseInAccount(string runId) => Account.Release([runId]).Ignore();

    /// <remarks>Not awaited: the client has its answer with the commit. A lost call is made up for by the sweep over runs
    /// whose launch deadline has passed.</remarks>
    private void HandOver(RunRecord run) => GrainFactory.Grain<IJobRunGrain>(run.Id).Begin(run).Ignore();

    /// <summary>The same for one of which only the table knows what it is like, if it is there.</summary>
    private void HandOver(string runId) => GrainFactory.Grain<IJobRunGrain>(runId).Wake().Ignore();

    /// <summary>Counts slots and queue again from the run table.</summary>
    private async Task Correct(Admission admission)
    {
        using var slots = admission.Slots.BeginRead();
        using var queue = admission.Queue.BeginRead();
        var roster = await store.LoadRoster(_key);
        admission.Slots.Correct(slots, roster);
        admission.Queue.Correct(queue, roster, admission.Slots);
    }

    private static WaitingRun WaitingRunOf(RunRecord run) =>
        new(run.Id, run.Ordinal, run.Settings.MaxCapacity, run.Settings.IsFlex, run.StartedOn, run.StateDetail);
}
