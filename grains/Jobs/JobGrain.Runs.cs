using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Grains.Jobs;

/// <summary>The job's history, read from the run table: nothing of it is kept here, so nothing grows with it.</summary>
public sealed partial class JobGrain
{
    /// <summary>Runs that held a slot when they were read, while this activation has not counted its slots.</summary>
    private readonly HashSet<string> _seenLive = new(StringComparer.Ordinal);

    /// <remarks>A run that holds a slot has a grain, and that knows the row: those who watch their runs cost the database
    /// nothing. Any other is read.</remarks>
    public async Task<Outcome<RunRecord>> GetRun(string runId)
    {
        if (MayHoldSlot(runId) && await AskGrain(runId) is { } live)
            return live;
        if (await FindOwn(runId) is not { } run)
            return Refusal.NotFound($"Job run {runId} not found.");
        if (_admission is null && run.State.HoldsSlot())
            _seenLive.Add(runId);
        return (await WithPositions([run]))[0];
    }

    private bool MayHoldSlot(string runId) =>
        _admission is { IsCompletedSuccessfully: true } admission
            ? admission.Result.Slots.Holds(runId)
            : _seenLive.Contains(runId);

    /// <summary><c>null</c>: the grain does not know, or does not answer.</summary>
    private async Task<RunRecord?> AskGrain(string runId)
    {
        RunRecord? shown = null;
        try
        {
            shown = await GrainFactory.Grain<IJobRunGrain>(runId).Show();
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            // Its silo may just have gone.
            LogNotShown(e, _key, runId);
        }

        if (shown?.State.HoldsSlot() != true)
            _seenLive.Remove(runId);
        // What one in the queue waits for is not in its row alone.
        return shown is { State: not JobRunState.Waiting } && shown.Job == _key ? shown : null;
    }

    /// <remarks>The history of a deleted job stays readable: a run is a fact of its own. Only a name that has neither
    /// definition nor history is unknown. (Glue's own behaviour after DeleteJob is not documented.)</remarks>
    public async Task<Outcome<IReadOnlyList<RunRecord>>> ListRuns(long? before, int limit)
    {
        var runs = await store.ListByJob(_key, before, limit);
        if (runs.Count > 0 || before is not null || _definition is not null)
            return Outcome.Of(await WithPositions(runs));
        return Refusal.NotFound($"Job with name: {_key.Name} not found.");
    }

    /// <summary>Adds to what each waiting run waits for its place in the queue. The place is not in the row: it changes with
    /// every run that leaves the queue.</summary>
    /// <param name="newestFirst">Runs of this job without a gap, or a single one.</param>
    private async Task<IReadOnlyList<RunRecord>> WithPositions(IReadOnlyList<RunRecord> newestFirst)
    {
        if (newestFirst.LastOrDefault(run => run.State == JobRunState.Waiting) is not { } first)
            return newestFirst;
        var before = await store.CountWaiting(_key, first.Ordinal);
        var shown = newestFirst.ToArray();
        for (var i = shown.Length - 1; i >= 0; i--)
        {
            if (shown[i] is { State: JobRunState.Waiting } run)
                shown[i] = run with { StateDetail = LimitTexts.WithPosition(run.StateDetail, ++before) };
        }

        return shown;
    }

    public async Task<IReadOnlyList<StopRunAnswer>> StopRuns(IReadOnlyList<string> runIds) =>
        await Task.WhenAll(runIds.Select(StopRun));

    private async Task<StopRunAnswer> StopRun(string runId)
    {
        if (await FindOwn(runId) is not { } run)
            return new StopRunAnswer(runId, StopRunResult.NotFound);
        var stopping = !run.State.IsTerminal() && await GrainFactory.Grain<IJobRunGrain>(runId).RequestStop();
        return new StopRunAnswer(runId, stopping ? StopRunResult.Submitted : StopRunResult.AlreadyEnded);
    }

    /// <summary>
    /// A start that names a previous run retries it: arguments and sizes that the request leaves out are that run's.
    /// The run must be this job's and have ended. (Undocumented by Glue beyond PreviousRunId; kept in this one place.)
    /// </summary>
    private async Task<Outcome<StartRun>> InheritFrom(string previousRunId, StartRun request)
    {
        if (await FindOwn(previousRunId) is not { } previous)
            return Refusal.NotFound($"Job run {previousRunId} not found.");
        if (!previous.State.IsTerminal())
        {
            return Refusal.InvalidInput(
                $"Job run {previousRunId} is {previous.State.ToGlueName()}: only a run that has ended can be retried."
            );
        }

        var settings = previous.Settings;
        var asked = new Capacity(
            request.AllocatedCapacity,
            request.MaxCapacity,
            request.WorkerType,
            request.NumberOfWorkers
        );
        return request with
        {
            Arguments = request.Arguments ?? settings.Arguments,
            ExecutionClass = request.ExecutionClass ?? settings.ExecutionClass,
            WorkerType = asked.IsUnset ? settings.WorkerType : request.WorkerType,
            NumberOfWorkers = asked.IsUnset ? settings.NumberOfWorkers : request.NumberOfWorkers,
            MaxCapacity = asked.IsUnset && settings.WorkerType is null ? settings.MaxCapacity : request.MaxCapacity,
        };
    }

    /// <summary>The run with this id, if it is a run of this job: another job's is as good as none.</summary>
    private async Task<RunRecord?> FindOwn(string runId) =>
        await store.Find(runId) is { } run && run.Job == _key ? run : null;
}
