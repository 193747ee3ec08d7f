using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
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

    /// <summary>How old what the run table said may be until it is read anew. It holds a row for each run that is going, so that
    /// to read it costs the more the more there are; no yes waits for that. What has changed since and was not told of makes
    /// none wrong: a node that has no room says so.</summary>
    private static readonly TimeSpan RowsLast = TimeSpan.FromSeconds(30);

    /// <summary>Between two looks for room, while somebody waits for it.</summary>
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);

    /// <summary>Room is told of in numbers up to this.</summary>
    private const int ALot = 1000;

    private readonly ExecutorPool _pool = new();
    private readonly ExecutorLine _line = new();
    private Task? _look;
    private Task? _nextLook;
    private Task? _lookAtNodes;
    private DateTimeOffset _lookedOn;
    private DateTimeOffset _sawNodesOn;
    private IReadOnlyList<ExecutorNode> _live = [];
    private IGrainTimer? _timer;

    public async Task<PlaceAnswer> Place(PlaceRequest request)
    {
        if (_lookedOn == default)
            await Look();
        else if (Now - _sawNodesOn > NodesLast)
            await LookAtNodes();
        if (TryPlace() is { } atOnce)
        {
            if (Now - _lookedOn > RowsLast && _look is { IsCompleted: true })
                LookMeanwhile().Ignore();
            return atOnce;
        }

        // In the line before the look: who comes meanwhile does not pass it.
        if (request.MayWait)
            Enlist(request);
        await Look();
        if (TryPlace() is { } afterAll)
            return afterAll;

        var isTooLarge = _pool.IsTooLarge(request.Dpus);
        if (isTooLarge)
            _line.Remove(request.RunId);
        else if (request.MayWait)
            Enlist(request);
        return new PlaceAnswer(Executor: null, isTooLarge, _pool.Nodes);

        PlaceAnswer? TryPlace()
        {
            TakeReachable();
            var ahead = _line.AheadOf(request, Now);
            if (_pool.TryPlace(request.RunId, request.Dpus, Now, ahead) is not { } executor)
                return null;
            _line.Remove(request.RunId);
            if (request.Next is { } next)
                _line.AddCalled(next, request.Account, Now);
            return new PlaceAnswer(executor);
        }
    }

    public Task Release(IReadOnlyList<string> runIds)
    {
        foreach (var runId in runIds)
        {
            _pool.Release(runId);
            _line.Remove(runId);
        }

        Call();
        return Task.CompletedTask;
    }

    private DateTimeOffset Now => wall.Time.GetUtcNow();

    private void Enlist(PlaceRequest request)
    {
        _line.Add(request, Now);
        _timer ??= this.RegisterGrainTimer(
            LookForRoom,
            new GrainTimerCreationOptions(LookPeriod, LookPeriod) { Interleave = true, KeepAlive = true }
        );
    }

    private async Task LookForRoom(CancellationToken cancellation)
    {
        if (await LookMeanwhile())
            Call();
    }

    /// <returns>Whether it succeeded.</returns>
    private async Task<bool> LookMeanwhile()
    {
        try
        {
            await Look();
            return true;
        }
        catch (Exception e)
        {
            LogLookFailed(e);
            return false;
        }
    }

    /// <remarks>Not awaited, and each is called once: it asks again. A call that is lost is made up for by the sweep over jobs
    /// whose runs wait.</remarks>
    private void Call()
    {
        if (!_line.IsEmpty)
            TakeReachable();
        foreach (var (account, dpus) in _line.Call(_pool.HasRoom, Now))
            GrainFactory.GetGrain<ICapacityGrain>(account).ExecutorsHaveRoom(_pool.RoomFor(dpus, ALot)).Ignore();
        if (!_line.IsEmpty)
            return;
        _timer?.Dispose();
        _timer = null;
    }

    private void TakeReachable() =>
        _pool.SetNodes([.. _live.Where(node => node.IsAccepting && reach.IsReachable(node.Tenure.Node))]);

    /// <summary>Who comes meanwhile shares it.</summary>
    private Task LookAtNodes()
    {
        return _lookAtNodes is { IsCompleted: false } underWay ? underWay : _lookAtNodes = LookNow();

        async Task LookNow()
        {
            var now = Now;
            SeeNodes(await nodes.ListLive(), now);
        }
    }

    /// <summary>The list that was asked for last counts, whichever comes last.</summary>
    private void SeeNodes(IReadOnlyList<ExecutorNode> live, DateTimeOffset asked)
    {
        if (asked >= _sawNodesOn)
            (_live, _sawNodesOn) = (live, asked);
    }

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
            using var read = _pool.BeginRead();
            SeeNodes(await nodes.ListLive(), now);
            var roster = await store.LoadExecutorRoster();
            // Of a run that ended before its row was seen the message may be lost.
            var promised = await Task.WhenAll(_pool.PromisedBesides(roster).Select(store.Find));
            _pool.Correct(read, roster, now);
            foreach (var run in promised)
            {
                if (run?.State.IsTerminal() == true)
                    _pool.Release(run.Id);
            }

            TakeReachable();
            _lookedOn = now;
        }
    }

    [LoggerMessage(90, LogLevel.Warning, "Looking for room on executor nodes failed; it is tried again.")]
    private partial void LogLookFailed(Exception exception);
}
