using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Runs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace GlueOrleans.Grains.Jobs;

/// <summary>
/// One job. Admits its runs: a decision and a reservation on one turn, then the row; the answer waits for the commit.
/// </summary>
/// <remarks>
/// Reentrant, so that many starts wait for commits at the same time. Between two awaits nothing else runs; each method
/// below decides on what it finds then and there. Changes of the definition are in <c>JobGrain.Definition.cs</c>, reading
/// and stopping of runs in <c>JobGrain.Runs.cs</c>.
/// </remarks>
[Reentrant]
[CollectionAgeLimit(Minutes = 5)] // what it holds is read again in one query; questions about no job must not pile up
public sealed partial class JobGrain(
    [PersistentState(JobState.StateName, JobState.StorageName)] IPersistentState<JobState> state,
    IRunStore store,
    IJobIndex index,
    IOptions<GlueDefaults> defaults,
    IOptions<RunDeadlines> deadlines,
    TimeProvider clock,
    ILogger<JobGrain> log
) : Grain, IJobGrain
{
    /// <summary>Another activation of this job can claim the admission only while it is dying; it does not win often.</summary>
    private const int MostTriesToCreate = 5;

    private JobKey _key;
    private JobDefinition? _definition;

    /// <summary>The right to admit runs, from this activation's first StartRun on.</summary>
    private Task<Admission>? _admission;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = JobKey.Parse(this.GetPrimaryKeyString());
        _definition = state.State.Definition;
        return Task.CompletedTask;
    }

    public async Task<Outcome<string>> StartRun(StartRun request)
    {
        if (_definition is not { } job)
        {
            // The text differs from GetJob's, as the real service's does.
            return Refusal.NotFound("Failed to start job run due to missing metadata");
        }

        if (request.JobRunId is { } previousRunId)
        {
            var inherited = await InheritFrom(previousRunId, request);
            if (inherited.IsRefused)
                return inherited.Refusal;
            request = inherited.Value;
        }

        var settings = RunSettingsResolver.Resolve(job.Settings, request);
        if (settings.IsRefused)
            return settings.Refusal;

        for (var tries = 1; tries <= MostTriesToCreate; tries++)
        {
            var admission = await OwnAdmission();
            var run = Admit(admission.Slots, job, settings.Value, request.JobRunId);
            if (run is null)
            {
                // A run that reads terminal has given its slot back, even if its message to this grain is still on the way
                // or was lost: before the job says no, it counts the slots again from the table.
                await CorrectSlots(admission.Slots);
                run = Admit(admission.Slots, job, settings.Value, request.JobRunId);
            }

            if (run is null)
                return new Refusal(RefusalKind.ConcurrentRunsExceeded, $"Concurrent runs exceeded for {_key.Name}");
            if (await TryCreate(admission, run))
                return run.Id;
            LoseAdmission(admission);
        }

        throw new InvalidOperationException($"Runs of {_key} are being created by somebody else, again and again.");
    }

    public Task RunEnded(string runId)
    {
        if (_admission is { IsCompletedSuccessfully: true })
            _admission.Result.Slots.Release(runId);
        return Task.CompletedTask;
    }

    /// <summary>An epoch of the job, and the slots as they are under it.</summary>
    private sealed record Admission(long Epoch, SlotLedger Slots);

    /// <summary>
    /// Orleans may for a moment have two activations of this grain. Only the one that claimed the job's epoch last can
    /// create runs; the roster, read after the claim, misses none that an earlier one created.
    /// </summary>
    private async Task<Admission> OwnAdmission()
    {
        var admission = _admission ??= Claim();
        try
        {
            return await admission;
        }
        catch
        {
            if (_admission == admission)
                _admission = null;
            throw;
        }

        async Task<Admission> Claim()
        {
            var epoch = await store.ClaimEpoch(_key);
            return new Admission(epoch, new SlotLedger(await store.LoadRoster(_key)));
        }
    }

    /// <summary>Another activation has claimed the admission. The next start claims it back, and counts again.</summary>
    private void LoseAdmission(Admission lost)
    {
        if (_admission is { IsCompletedSuccessfully: true } && _admission.Result == lost)
            _admission = null;
    }

    /// <summary>Decides and reserves on one turn, so that the slot cannot go to somebody else in between. <c>null</c>: all
    /// slots are held.</summary>
    private RunRecord? Admit(SlotLedger slots, JobDefinition job, RunSettings settings, string? previousRunId)
    {
        var limit = job.Settings.ExecutionProperty?.MaxConcurrentRuns ?? 1;
        if (RunAdmission.Decide(new AdmissionSnapshot(limit, slots.SlotsHeld)) != AdmissionDecision.Admit)
            return null;

        var id = RunId.New();
        var now = clock.GetUtcMilliseconds();
        return new RunRecord
        {
            Job = _key,
            Id = id,
            Ordinal = slots.Reserve(id),
            Version = 1,
            State = JobRunState.Starting,
            PreviousRunId = previousRunId,
            StartedOn = now,
            LastModifiedOn = now,
            DueAt = now + deadlines.Value.LaunchDeadline,
            Settings = settings,
        };
    }

    private async Task CorrectSlots(SlotLedger slots)
    {
        var known = slots.Known();
        slots.Correct(known, await store.LoadRoster(_key));
    }

    /// <summary>Writes the run's row and hands the run over. False: it was not written, the admission is another's.</summary>
    private async Task<bool> TryCreate(Admission admission, RunRecord run)
    {
        try
        {
            var result = await store.TryCreate(run, admission.Epoch);
            if (result != CreateResult.Created)
            {
                admission.Slots.Abandon(run.Id);
                LogNotCreated(_key, run.Id, result);
                return false;
            }
        }
        catch (StoreUnavailableException)
        {
            // The row may exist after all. Then the run holds a slot and wants to be launched; waking it finds out.
            admission.Slots.Commit(run.Id);
            HandOver(run.Id);
            throw;
        }
        catch
        {
            // The row itself was refused: it does not exist, and holds nothing.
            admission.Slots.Abandon(run.Id);
            throw;
        }

        admission.Slots.Commit(run.Id);
        HandOver(run.Id);
        return true;
    }

    /// <remarks>Not awaited: the client has its answer with the commit. A lost call is made up for by the sweep over runs
    /// whose launch deadline has passed.</remarks>
    private void HandOver(string runId) => GrainFactory.GetGrain<IJobRunGrain>(runId).Wake().Ignore();
}
