using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace GlueOrleans.Grains.Executors;

/// <summary>
/// Places runs on executor nodes. Nothing it holds has to survive: leases and run table say it again, and a node that has no
/// room after all says so itself. Before a no both are read again, so room is there the moment a run reads terminal or a node
/// has its lease.
/// </summary>
/// <remarks>Reentrant: while one caller waits for the tables, others are answered. Between two awaits nothing else runs.</remarks>
[Reentrant]
public sealed partial class ExecutorPoolGrain(
    IExecutorNodes nodes,
    IExecutorReach reach,
    IRunStore store,
    IWallClock wall,
    ILogger<ExecutorPoolGrain> log
) : Grain, IExecutorPoolGrain
{
    /// <summary>How old the list of nodes may be for a yes. A node that is gone meanwhile is noticed by the cluster's
    /// membership, or at the latest when its lease has run out.</summary>
    private static readonly TimeSpan NodesLast = TimeSpan.FromSeconds(2);

    /// <summary>Between two looks for room, while somebody waits for it.</summary>
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Room is told of in numbers up to this.</summary>
    private const int ALot = 1000;

    private readonly ExecutorPool _pool = new();
    private readonly Dictionary<string, Waiter> _waiters = new(StringComparer.Ordinal);
    private Task? _look;
    private Task? _nextLook;
    private DateTimeOffset _lookedOn;
    private IReadOnlyList<ExecutorNode> _live = [];
    private IGrainTimer? _timer;

    private sealed record Waiter(DateTimeOffset Since, double Dpus);

    public async Task<PlaceAnswer> Place(PlaceRequest request)
    {
        if (Now - _lookedOn > NodesLast)
            await Look();
        if (TryPlace() is { } at_once)
            return at_once;
        await Look();
        if (TryPlace() is { } after_all)
            return after_all;

        var isTooLarge = _pool.IsTooLarge(request.Dpus);
        if (request.MayWait && !isTooLarge)
            Enlist(request);
        return new PlaceAnswer(Executor: null, isTooLarge, _pool.Nodes);

        PlaceAnswer? TryPlace()
        {
            TakeReachable();
            return _pool.TryPlace(request.RunId, request.Dpus, Now) is { } executor ? new PlaceAnswer(executor) : null;
        }
    }

    public Task Await(PlaceRequest request)
    {
        Enlist(request);
        return Task.CompletedTask;
    }

    public Task Release(IReadOnlyList<string> runIds)
    {
        foreach (var runId in runIds)
            _pool.Release(runId);
        TellOfRoom();
        return Task.CompletedTask;
    }

    private DateTimeOffset Now => wall.Time.GetUtcNow();

    /// <summary>The account is told of room, in the place of the run that has waited longest.</summary>
    private void Enlist(PlaceRequest request)
    {
        if (!_waiters.TryGetValue(request.Account, out var waiter) || request.Since < waiter.Since)
            _waiters[request.Account] = new Waiter(request.Since, request.Dpus);
        _timer ??= this.RegisterGrainTimer(
            LookForRoom,
            new GrainTimerCreationOptions(LookPeriod, LookPeriod) { Interleave = true, KeepAlive = true }
        );
    }

    private async Task LookForRoom(CancellationToken cancellation)
    {
        try
        {
            await Look();
            TellOfRoom();
        }
        catch (Exception e)
        {
            LogLookFailed(e, LookPeriod);
        }
    }

    /// <remarks>Not awaited, and each is told once: it asks again. A call that is lost is made up for by the sweep over jobs
    /// whose runs wait.</remarks>
    private void TellOfRoom()
    {
        foreach (var (account, waiter) in _waiters.OrderBy(entry => entry.Value.Since).ToList())
        {
            var room = _pool.RoomFor(waiter.Dpus, ALot);
            if (room == 0)
                continue;
            _waiters.Remove(account);
            GrainFactory.GetGrain<ICapacityGrain>(account).ExecutorsHaveRoom(room).Ignore();
        }

        if (_waiters.Count == 0)
        {
            _timer?.Dispose();
            _timer = null;
        }
    }

    private void TakeReachable() =>
        _pool.SetNodes([.. _live.Where(node => node.IsAccepting && reach.IsReachable(node.Tenure.Node))]);

    /// <summary>One look at a time; who comes meanwhile shares the next, since the one under way may have read before what
    /// they want to see.</summary>
    private Task Look()
    {
        if (_look is not { IsCompleted: false })
            return _look = LookNow();
        if (_nextLook is not { IsCompleted: false })
            _nextLook = AfterThat(_look);
        return _nextLook;

        async Task AfterThat(Task before)
        {
            await before.ConfigureAwait(
                ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing
            );
            _nextLook = null;
            await (_look = LookNow());
        }

        async Task LookNow()
        {
            var now = Now;
            var known = _pool.Known();
            _live = await nodes.ListLive();
            _pool.Correct(known, await store.LoadExecutorRoster(), now);
            TakeReachable();
            _lookedOn = now;
        }
    }

    [LoggerMessage(90, LogLevel.Warning, "Looking for room on executor nodes failed; the next look is in {Period}.")]
    private partial void LogLookFailed(Exception exception, TimeSpan period);
}
