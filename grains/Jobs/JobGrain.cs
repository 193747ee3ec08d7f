using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Runs;
using GlueOrleans.Grains.State;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;

namespace GlueOrleans.Grains.Jobs;

/// <summary>
/// One job. Admits its runs: a slot of the job is reserved, the account is asked, the row is written; the answer waits for
/// the commit.
/// </summary>
/// <remarks>
/// Reentrant, so that many starts wait for commits at the same time. Between two awaits nothing else runs; each method
/// below decides on what it finds then and there. What waits and what is owed is started in <c>JobGrain.Queue.cs</c>;
/// changes of the definition are in <c>JobGrain.Definition.cs</c>, what the account allows in <c>JobGrain.Rules.cs</c>,
/// reading and stopping of runs in <c>JobGrain.Runs.cs</c>, the bookmark in <c>JobGrain.Bookmarks.cs</c>.
/// </remarks>
[Reentrant]
[HashBasedPlacement] // spread evenly, also when all come up at once after a crash
[CollectionAgeLimit(Minutes = 5)] // what it holds is read again in one query; questions about no job must not pile up
public sealed partial class JobGrain(
    [PersistentState(JobState.StateName, GrainStateJson.StorageName)] IPersistentState<JobState> state,
    IRunStore store,
    IBookmarkStore bookmarks,
    IJobIndex index,
    IRunEvents events,
    IOptions<GlueDefaults> defaults,
    IOptions<AccountLimits> limits,
    IOptions<RunDeadlines> deadlines,
    TimeProvider clock,
    ILogger<JobGrain> log
) : Grain, IJobGrain
{
    /// <summary>Another activation of this job or of its account can claim the admission only while it is dying; it does not
    /// win often.</summary>
    private const int MostTries = 5;

    private readonly Dictionary<string, Task<Outcome<string>>> _starting = new(StringComparer.Ordinal);

    /// <summary>Runs that were to be created, until a claim has found out which of them were.</summary>
    private readonly HashSet<string> _inDoubt = new(StringComparer.Ordinal);
    private JobKey _key;
    private JobDefinition? _definition;

    /// <summary>The right to admit runs, from this activation's first need on.</summary>
    private Task<Admission>? _admission;

    private ICapacityGrain Account => field ??= GrainFactory.GetGrain<ICapacityGrain>(_key.Account);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = JobKey.Parse(this.GetPrimaryKeyString());
        _definition = state.State.Definition;
        return Task.CompletedTask;
    }

    /// <summary>
    /// A client repeats a call whose answer was lost under the same invocation id, and so under the same run id: it gets
    /// the run that it has started, whatever has happened since.
    /// </summary>
    public async Task<Outcome<string>> StartRun(StartRun request)
    {
        if (request.InvocationId is not { } invocationId)
            return await StartNew(RunId.New(), request);

        var runId = RunId.Of(_key, invocationId);
        if (_starting.TryGetValue(runId, out var underWay))
            return await underWay;
        var starting = StartOnce();
        if (!starting.IsCompleted)
            _starting.Add(runId, starting);
        return await starting;

        async Task<Outcome<string>> StartOnce()
        {
            try
            {
                // First of all, because a client that repeats its call wants to hear of that run whatever would be answered now.
                // Should a first try not be one: what is live holds its place here, and a row that exists is not created.
                if (!request.IsFirstTry && await FindOwn(runId) is not null)
                    return runId;
                var outcome = await StartNew(runId, request);
                return outcome.IsRefused && await FindOwn(runId) is not null ? Outcome.Of(runId) : outcome;
            }
            finally
            {
                _starting.Remove(runId);
            }
        }
    }

    private async Task<Outcome<string>> StartNew(string runId, StartRun request)
    {
        if (_definition is not { } job)
        {
            // The text differs from GetJob's, as the real service's does.
            return request.TriggerName is null
                ? Refusal.NotFound("Failed to start job run due to missing metadata")
                : await RecordForDeletedJob(runId, request);
        }

        if (request.JobRunId is { } previousRunId)
        {
            var inherited = await InheritFrom(previousRunId, request);
            if (inherited.IsRefused)
                return inherited.Refusal;
            request = inherited.Value;
        }

        var settings = await Resolve(job, request);
        if (settings.IsRefused)
            return settings.Refusal;
        settings = await TieToBookmark(settings.Value);
        if (settings.IsRefused)
            return settings.Refusal;

        var run = new NewRun(_key, runId, settings.Value, request.JobRunId, TriggerName: request.TriggerName);
        for (var tries = 1; tries <= MostTries; tries++)
        {
            var admission = await OwnAdmission();
            if (admission.Slots.Holds(runId) || admission.Queue.Contains(runId))
            {
                // An earlier try of this call, of which nobody knows whether it was written.
                if (await FindOwn(runId) is not null)
                    return runId;
                admission.Slots.Release(runId);
                admission.Queue.Remove(runId);
            }

            if (await Place(admission, run) is not { } placed)
                continue;
            if (placed.IsRefused)
            {
                // An earlier try may have been promised what it could not write down.
                if (tries > 1)
                    await Account.Release([runId]);
                return placed.Refusal;
            }

            if (await TryCreate(admission, placed.Value))
                return runId;
        }

        throw new InvalidOperationException($"Runs of {_key} are being created by somebody else, again and again.");
    }

    /// <summary>An epoch of the job, and its slots and its queue as they are under it.</summary>
    private sealed record Admission(long Epoch, SlotLedger Slots, RunQueue Queue);

    /// <summary>A row to be created, and the account's epoch under which; <c>null</c> for one that holds nothing.</summary>
    private sealed record Placed(RunRecord Row, long? AccountEpoch);

    /// <summary>
    /// Orleans may for a moment have two activations of this grain. Only the one that claimed the job's epoch last can
    /// admit runs; the roster, read after the claim, misses none that an earlier one admitted.
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
            var roster = await store.LoadRoster(_key);
            SettleDoubts(roster);
            _seenLive.Clear();
            return new Admission(epoch, new SlotLedger(roster), new RunQueue(roster));
        }
    }

    /// <summary>Another activation has claimed the admission. The next need claims it back, and counts again.</summary>
    private void LoseAdmission(Admission lost)
    {
        if (_admission is { IsCompletedSuccessfully: true } && _admission.Result == lost)
            _admission = null;
    }

    /// <summary>Runs of this job at a time. What a deleted job has left in its queue is started one by one.</summary>
    private int Limit =>
        Math.Min(
            _definition is { } job ? job.Settings.ExecutionProperty?.MaxConcurrentRuns ?? 1 : 1,
            limits.Value.ConcurrentRunsPerJob
        );

    /// <summary>Finds the run its place: a slot, the queue, or none. Reserved for it until <see cref="TryCreate"/>.
    /// <c>null</c>: others came first meanwhile; it is to be looked for anew.</summary>
    private async Task<Outcome<Placed>?> Place(Admission admission, NewRun run)
    {
        var mayQueue = RunAdmission.MayQueue(run.Settings);
        var decision = Decide();
        if (decision != AdmissionDecision.AskAccount)
        {
            // A run that reads terminal has given its slot back, even if its message to this grain is still on the way
            // or was lost: before the job says no, it counts again from the table.
            await Correct(admission);
            decision = Decide();
        }

        switch (decision)
        {
            case AdmissionDecision.AskAccount:
                return await PlaceInAccount(
                    admission,
                    run,
                    mayQueue || run.Settings.IsFlex ? CapacityPurpose.StartOrQueue : CapacityPurpose.Start
                );
            case AdmissionDecision.Queue:
                admission.Queue.Expect(run.Id, run.Settings.IsFlex);
                var answer = await Ask(admission, run, CapacityPurpose.Queue);
                return answer.Result == CapacityResult.Wait
                    ? Waiting(admission, run, ReasonInQueue(), answer.Epoch)
                    : Refuse(answer);
            case AdmissionDecision.RecordFailure:
                return Failed(admission, run, LimitTexts.TriggerInVain);
            default:
                return new Refusal(RefusalKind.ConcurrentRunsExceeded, LimitTexts.JobIsFull(_key.Name));
        }

        AdmissionDecision Decide() =>
            RunAdmission.Decide(
                new AdmissionSnapshot(
                    Limit,
                    // A retry that is due comes before whoever comes now.
                    admission.Slots.SlotsHeld + admission.Queue.OwedAt(clock.GetUtcMilliseconds()).Count,
                    admission.Queue.HasWaiting(run.Settings.IsFlex),
                    mayQueue,
                    run.TriggerName is not null,
                    run.Settings.IsFlex
                )
            );

        string ReasonInQueue() =>
            admission.Slots.SlotsHeld < Limit ? LimitTexts.WaitsForOthers : LimitTexts.WaitsForJob(Limit);

        Outcome<Placed> Refuse(CapacityAnswer answer)
        {
            admission.Queue.Abandon(run.Id);
            return NotPlaced(admission, run, LimitTexts.Refused(answer, run.Settings.MaxCapacity));
        }
    }

    /// <summary>The account has no room: a client is told so, a trigger's run is recorded as failed.</summary>
    private Outcome<Placed> NotPlaced(Admission admission, NewRun run, string why) =>
        run.TriggerName is null
            ? new Refusal(RefusalKind.ResourceNumberLimitExceeded, why)
            : Failed(admission, run, why);

    /// <summary>Holds a slot of the job while its account is asked.</summary>
    private async Task<Outcome<Placed>?> PlaceInAccount(Admission admission, NewRun run, CapacityPurpose purpose)
    {
        admission.Slots.Reserve(run.Id);
        var answer = await Ask(admission, run, purpose);
        if (answer.Result == CapacityResult.Granted && admission.Queue.HasWaiting(run.Settings.IsFlex))
        {
            // While this one asked, another was told to wait. The slot is that one's.
            admission.Slots.Abandon(run.Id);
            if (await FindOwn(run.Id) is null)
                await Account.Release([run.Id]);
            StartWhatCan();
            return null;
        }

        if (answer.Result == CapacityResult.Granted)
        {
            var ordinal = admission.Slots.NextOrdinal();
            return new Placed(
                run.Starting(ordinal, answer.Executor, clock.GetUtcMilliseconds(), deadlines.Value),
                answer.Epoch
            );
        }

        admission.Slots.Abandon(run.Id);
        _isWaitedForInAccount |= answer.Result == CapacityResult.Wait;
        if (answer.Result == CapacityResult.Wait)
            return Waiting(admission, run, LimitTexts.Waits(answer, run.Settings.MaxCapacity), answer.Epoch);

        return NotPlaced(admission, run, LimitTexts.Refused(answer, run.Settings.MaxCapacity));
    }

    /// <summary>From here on the run is ahead of those that come later.</summary>
    private Placed Waiting(Admission admission, NewRun run, string stateDetail, long accountEpoch)
    {
        var ordinal = admission.Slots.NextOrdinal();
        admission.Queue.Expect(run.Id, run.Settings.IsFlex, ordinal);
        return new Placed(run.Waiting(ordinal, stateDetail, clock.GetUtcMilliseconds(), deadlines.Value), accountEpoch);
    }

    private Placed Failed(Admission admission, NewRun run, string why) =>
        new(
            run.Ended(admission.Slots.NextOrdinal(), JobRunState.Failed, why, clock.GetUtcMilliseconds()),
            AccountEpoch: null
        );

    /// <summary>A run of a job that is no more: the only kind that is in state ERROR (glue-behaviour.md 3.1).</summary>
    private async Task<Outcome<string>> RecordForDeletedJob(string runId, StartRun request)
    {
        var settings = RunSettingsResolver.WithoutJob(request);
        var run = new NewRun(_key, runId, settings, TriggerName: request.TriggerName);
        return await RecordError(run, $"The job {_key.Name} does not exist.") ? runId : Refusal.NotFound(runId);
    }
}
