using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace GlueOrleans.Benchmarks.Load.Generator;

/// <summary>
/// The connections of all callers together, spread over the targets, and who waits for one of them. Two ways to use them:
/// closed (so many callers, each of whom sends when it has its answer) and open (requests come when they come).
/// </summary>
internal sealed class Connections : ISender, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Stack<Connection> _idle;
    private readonly CancellationTokenSource _closing = new();
    private readonly List<Task> _running = [];
    private readonly TaskCompletionSource _allOpen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _clock;
    private readonly int _count;
    private Tally _tally;
    private int _opened;
    private int _busy;
    private long _heldBack;

    /// <summary>Sends the next request of a caller in a closed loop; <c>null</c>: none.</summary>
    private Func<Request>? _next;

    private int _callers;

    public Connections(IReadOnlyList<IPEndPoint> targets, int count, TimeProvider clock)
    {
        (_clock, _count, _idle, _tally) = (clock, count, new Stack<Connection>(count), new Tally(clock));
        for (var i = 0; i < count; i++)
            _running.Add(new Connection(targets[i % targets.Count], this).Run(_closing.Token));
    }

    /// <summary>Completes when each has been open once.</summary>
    public Task AllOpen => _allOpen.Task;

    /// <summary>Requests that were due while each client waited for the answer to an earlier one.</summary>
    public long HeldBack => Volatile.Read(ref _heldBack);

    /// <summary>From here on, answers are counted here.</summary>
    public void CountIn(Tally tally)
    {
        lock (_gate)
            (_tally, _heldBack) = (tally, 0);
    }

    /// <summary>Has so many callers send, each when it has its answer, until <see cref="Settle"/>.</summary>
    public void Close(int callers, Func<Request> next)
    {
        lock (_gate)
        {
            (_next, _callers) = (next, callers);
            while (_busy < _callers && TryTakeIdle(out var connection))
                Send(connection, next(), _clock.GetTimestamp());
        }
    }

    /// <summary>Sends the request now, if a connection is free.</summary>
    public void Offer(Request request, long intendedAt)
    {
        lock (_gate)
        {
            if (TryTakeIdle(out var connection))
                Send(connection, request, intendedAt);
            else
                _heldBack++;
        }
    }

    /// <summary>Sends nothing more, and waits for what is under way. What is not answered in time counts as an error.</summary>
    public void Settle()
    {
        lock (_gate)
            _next = null;

        var begunAt = _clock.GetTimestamp();
        while (Volatile.Read(ref _busy) > 0 && _clock.GetElapsedTime(begunAt) < Tally.Patience)
            _closing.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(10));
        _tally.Unanswered("unanswered", Volatile.Read(ref _busy));
    }

    public void Opened(Connection connection)
    {
        lock (_gate)
        {
            Use(connection);
            if (++_opened == _count)
                _allOpen.TrySetResult();
        }
    }

    public void Answered(Connection connection, Answer answer)
    {
        lock (_gate)
        {
            _busy--;
            _tally.Count(connection.Operation, connection.IntendedAt, answer.Status, answer.Error);
            connection.Use = ConnectionUse.None;
            if (!answer.IsLast)
                Use(connection);
        }
    }

    public void Closed(Connection connection)
    {
        lock (_gate)
        {
            if (connection.Use == ConnectionUse.Busy)
            {
                _busy--;
                _tally.Count(connection.Operation, connection.IntendedAt, 0, "connection lost");
            }

            // It may lie among the idle ones still: whoever finds it there throws it away.
            connection.Use = ConnectionUse.None;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await Task.WhenAll(_running);
        _closing.Dispose();
    }

    private void Use(Connection connection)
    {
        if (_next is { } next && _busy < _callers)
        {
            Send(connection, next(), _clock.GetTimestamp());
        }
        else
        {
            connection.Use = ConnectionUse.Idle;
            _idle.Push(connection);
        }
    }

    private bool TryTakeIdle([NotNullWhen(true)] out Connection? connection)
    {
        while (_idle.TryPop(out connection))
        {
            if (connection.Use == ConnectionUse.Idle)
                return true;
        }

        return false;
    }

    private void Send(Connection connection, Request request, long intendedAt)
    {
        _busy++;
        connection.Use = ConnectionUse.Busy;
        connection.Send(request, intendedAt);
    }
}
