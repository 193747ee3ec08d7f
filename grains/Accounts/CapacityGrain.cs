using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Placement;

namespace GlueOrleans.Grains.Accounts;

/// <summary>
/// Gives out an account's capacity. Promises are in memory only; a run's row, written under the epoch of the promise, makes
/// it a fact. Before a no the table is asked, so what a run held is free the moment it reads terminal. What the account's own
/// limits allow is then placed on an executor node (<see cref="IExecutorPoolGrain"/>).
/// </summary>
/// <remarks>Reentrant: while one caller waits for the table, others are answered. Between two awaits nothing else runs.</remarks>
[Reentrant]
[HashBasedPlacement]
public sealed class CapacityGrain(IRunStore store, IOptions<AccountLimits> limits, IWallClock wall)
    : Grain,
        ICapacityGrain
{
    private Task<Capacity>? _capacity;
    private Task? _recount;
    private Task? _nextRecount;
    private int _timesToldOfRoom;

    private sealed class Capacity(long epoch, CapacityLedger ledger)
    {
        public long Epoch { get; set; } = epoch;

        public CapacityLedger Ledger => ledger;
    }

    public async Task<CapacityAnswer> Ask(CapacityRequest request)
    {
        var capacity = await Own();
        if (IsGranted())
            return await Place(capacity, request);
        // A place in the queue is not worth a look at the table, unless the queue seems full.
        if (request.Purpose != CapacityPurpose.Queue || capacity.Ledger.IsQueueFull)
        {
            await Recount(capacity);
            if (IsGranted())
            {
                CallUp(capacity);
                return await Place(capacity, request);
            }
        }

        var (limit, mayWait) = capacity.Ledger.Queue(request, wall.Time.GetUtcMilliseconds());
        CallUp(capacity);
        return Refused(capacity, mayWait, limit);

        bool IsGranted() =>
            request.Purpose != CapacityPurpose.Queue
            && capacity.Ledger.TryGrant(request, wall.Time.GetUtcMilliseconds());
    }

    /// <summary>Finds the run a node, while the account holds what it needs.</summary>
    /// <remarks>Until there is an answer nobody was told of anything, so what is held for the run can simply be given back; a
    /// node that was promised in an answer that is lost is the pool's to find out.</remarks>
    private async Task<CapacityAnswer> Place(Capacity capacity, CapacityRequest request)
    {
        var ledger = capacity.Ledger;
        var timesToldOfRoom = _timesToldOfRoom;
        PlaceAnswer answer;
        try
        {
            answer = await Executors.Place(
                new PlaceRequest(
                    request.RunId,
                    request.Job.Account,
                    request.Dpus,
                    ledger.Since(request),
                    MayWait: request.Purpose != CapacityPurpose.Start,
                    Next: ledger.NextAfter(request.RunId) is { } next
                        ? new PlaceNext(next.RunId, next.Dpus, next.Since)
                        : null
                )
            );
        }
        catch
        {
            ledger.TakeBack(request.RunId);
            throw;
        }

        if (answer.Executor is { } executor)
        {
            if (!ledger.Confirm(request.RunId, wall.Time.GetUtcMilliseconds()))
            {
                // Given back while the executors were asked: there may be no room for it in the account any more.
                await Executors.Release([request.RunId]);
                return await Ask(request);
            }

            CallUp(capacity);
            return new CapacityAnswer(CapacityResult.Granted, capacity.Epoch, Executor: executor);
        }

        ledger.TakeBack(request.RunId);
        var (limit, mayWait) = ledger.Queue(
            answer.IsTooLarge ? KeepingNobody(request) : request,
            wall.Time.GetUtcMilliseconds(),
            answer.Nodes
        );
        // News of room may overtake the answer that there was none, and would then find nobody who lacks it.
        if (timesToldOfRoom != _timesToldOfRoom)
            ledger.ExecutorsHaveRoom(runs: 1);
        CallUp(capacity);
        return Refused(capacity, mayWait, limit);
    }

    /// <summary>What is too large for every node has its place in the queue, and is asked for again in each sweep, for a node
    /// may join. Until then it keeps nobody waiting.</summary>
    private static CapacityRequest KeepingNobody(CapacityRequest request) =>
        request with
        {
            Purpose = request.Purpose == CapacityPurpose.StartOrQueue ? CapacityPurpose.Queue : CapacityPurpose.Start,
        };

    private static CapacityAnswer Refused(Capacity capacity, bool mayWait, CapacityLimit limit) =>
        new(
            mayWait ? CapacityResult.Wait : CapacityResult.Refused,
            capacity.Epoch,
            limit,
            capacity.Ledger.Value(limit)
        );

    private IExecutorPoolGrain Executors => field ??= GrainFactory.GetGrain<IExecutorPoolGrain>(IExecutorPoolGrain.Key);

    /// <remarks>The executors are told in the same breath, so that a caller who waits for this, and then asks again for the
    /// same run, does not lose what it is promised then.</remarks>
    public Task Release(IReadOnlyList<string> runIds)
    {
        if (_capacity is { IsCompletedSuccessfully: true })
        {
            _capacity.Result.Ledger.Release(runIds);
            CallUp(_capacity.Result);
        }

        return Executors.Release(runIds);
    }

    public Task ExecutorsHaveRoom(int runs)
    {
        _timesToldOfRoom++;
        if (_capacity is { IsCompletedSuccessfully: true })
        {
            _capacity.Result.Ledger.ExecutorsHaveRoom(runs);
            CallUp(_capacity.Result);
        }

        return Task.CompletedTask;
    }

    public Task Decline(JobKey job)
    {
        if (_capacity is { IsCompletedSuccessfully: true })
        {
            if (_capacity.Result.Ledger.Decline(job) is { Count: > 0 } declined)
                Executors.Release(declined).Ignore();
            CallUp(_capacity.Result);
        }

        return Task.CompletedTask;
    }

    public Task WasFenced(long epoch)
    {
        if (_capacity is { IsCompletedSuccessfully: true } && _capacity.Result.Epoch == epoch)
            _capacity = null;
        return Task.CompletedTask;
    }

    /// <summary>Tells jobs that there is room for their runs. They ask again; a call that is lost is made up for by the sweep
    /// over jobs whose runs wait.</summary>
    private void CallUp(Capacity capacity)
    {
        foreach (var job in capacity.Ledger.TakeTurns(wall.Time.GetUtcMilliseconds()))
            GrainFactory.Grain<IJobGrain>(job.GrainKey).Tend().Ignore();
    }

    /// <summary>The epoch is claimed before the roster is read, so the roster misses nothing that an earlier activation
    /// promised and had written.</summary>
    private async Task<Capacity> Own()
    {
        var capacity = _capacity ??= Claim();
        try
        {
            return await capacity;
        }
        catch
        {
            if (_capacity == capacity)
                _capacity = null;
            throw;
        }

        async Task<Capacity> Claim()
        {
            var account = this.GetPrimaryKeyString();
            var epoch = await store.ClaimAccountEpoch(account);
            var ledger = new CapacityLedger(limits.Value);
            using var read = ledger.BeginRead();
            ledger.Correct(read, await store.LoadAccountRoster(account), wall.Time.GetUtcMilliseconds());
            return new Capacity(epoch, ledger);
        }
    }

    /// <summary>One recount at a time; who comes meanwhile shares the next, since the one under way may have read before
    /// what they want to see.</summary>
    private Task Recount(Capacity capacity)
    {
        if (_recount is not { IsCompleted: false })
            return _recount = CountAgain();
        if (_nextRecount is not { IsCompleted: false })
            _nextRecount = AfterThat(_recount);
        return _nextRecount;

        async Task AfterThat(Task before)
        {
            await before.ConfigureAwait(
                ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing
            );
            _nextRecount = null;
            await (_recount = CountAgain());
        }

        async Task CountAgain()
        {
            var account = this.GetPrimaryKeyString();
            // One instant for both: a promise that grows stale during the reads keeps its epoch, so it is kept as well.
            var now = wall.Time.GetUtcMilliseconds();
            var epoch = capacity.Ledger.HasStalePromises(now) ? await store.ClaimAccountEpoch(account) : capacity.Epoch;
            using var read = capacity.Ledger.BeginRead();
            var roster = await store.LoadAccountRoster(account);
            // A promise whose row is not among them is still to be written, or the run is over already.
            List<string> ended = [];
            foreach (var runId in capacity.Ledger.PromisedBesides(roster))
            {
                if (await store.Find(runId) is { } run && run.State.IsTerminal())
                    ended.Add(runId);
            }

            capacity.Ledger.Correct(read, roster, now);
            capacity.Ledger.Release(ended);
            // Only now: what was promised meanwhile, without knowing the roster, is fenced.
            capacity.Epoch = epoch;
        }
    }
}
