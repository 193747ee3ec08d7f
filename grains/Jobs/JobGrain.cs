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
    /// <summary>Another activation of this job can take an ordinal only while it is dying; it does not win many times.</summary>
    private const int MostTriesToCreate = 5;

    private JobKey _key;
    private JobDefinition? _definition;
    private SlotLedger _slots = null!;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = JobKey.Parse(this.GetPrimaryKeyString());
        _definition = state.State.Definition;
        _slots = new SlotLedger(await store.LoadRoster(_key));
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

        for (var tries = 1; ; tries++)
        {
            if (!await HasFreeSlot(job))
            {
                return new Refusal(RefusalKind.ConcurrentRunsExceeded, $"Concurrent runs exceeded for {_key.Name}");
            }

            // No await between the decision above and the reservation: the slot cannot go to somebody else.
            var run = Starting(settings.Value, request.JobRunId);
            if (await TryCreate(run))
                return run.Id;
            if (tries == MostTriesToCreate)
                throw new InvalidOperationException(
                    $"Runs of {_key} are being created by somebody else, again and again."
                );
            await CorrectSlots();
        }
    }

    public Task RunEnded(string runId)
    {
        _slots.Release(runId);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Decides by the ledger; before it says no, by the table: a run that reads terminal has given its slot back, even when
    /// its message to this grain is still on the way or was lost.
    /// </summary>
    private async ValueTask<bool> HasFreeSlot(JobDefinition job)
    {
        if (Decide(job) == AdmissionDecision.Admit)
            return true;
        await CorrectSlots();
        return Decide(job) == AdmissionDecision.Admit;
    }

    private AdmissionDecision Decide(JobDefinition job) =>
        RunAdmission.Decide(
            new AdmissionSnapshot(job.Settings.ExecutionProperty?.MaxConcurrentRuns ?? 1, _slots.SlotsHeld)
        );

    private async Task CorrectSlots()
    {
        var known = _slots.Known();
        _slots.Correct(known, await store.LoadRoster(_key));
    }

    private RunRecord Starting(RunSettings settings, string? previousRunId)
    {
        var id = RunId.New();
        var now = clock.GetUtcMilliseconds();
        return new RunRecord
        {
            Job = _key,
            Id = id,
            Ordinal = _slots.Reserve(id),
            Version = 1,
            State = JobRunState.Starting,
            PreviousRunId = previousRunId,
            StartedOn = now,
            LastModifiedOn = now,
            DueAt = now + deadlines.Value.LaunchDeadline,
            Settings = settings,
        };
    }

    /// <summary>Writes the run's row and hands the run over. False: it was not written; the ledger must be corrected.</summary>
    private async Task<bool> TryCreate(RunRecord run)
    {
        try
        {
            var result = await store.TryCreate(run);
            if (result != CreateResult.Created)
            {
                _slots.Abandon(run.Id);
                LogNotCreated(_key, run.Id, result);
                return false;
            }
        }
        catch (StoreUnavailableException)
        {
            // The row may exist after all. Then the run holds a slot and wants to be launched; waking it finds out.
            _slots.Commit(run.Id);
            HandOver(run.Id);
            throw;
        }

        _slots.Commit(run.Id);
        HandOver(run.Id);
        return true;
    }

    /// <remarks>Not awaited: the client has its answer with the commit. A lost call is made up for by the sweep over runs
    /// whose launch deadline has passed.</remarks>
    private void HandOver(string runId) => GrainFactory.GetGrain<IJobRunGrain>(runId).Wake().Ignore();
}
