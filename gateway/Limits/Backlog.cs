using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Gateway.Limits;

/// <summary>What stands in front of the <see cref="Intake"/>, where nobody counts it: requests that are there already, on
/// connections that no thread has got round to.</summary>
/// <remarks>
/// How long they wait is what anything else waits for a thread: so now and then something is put into that line which only
/// looks at the time. It is asked for by requests, at most every <see cref="Interval"/>; a node with nothing to do does not
/// do this either. That threads come late may also be due to others on the machine. It is an overload of the node only
/// with many connections, since each of them has but one request in line. The longer the line, the larger the part of the
/// requests that are turned away: all at once would leave the node with nothing to do until they ask again, and then with
/// all of them at once (random early detection; Floyd and Jacobson, 1993).
/// </remarks>
internal sealed class Backlog : IThreadPoolWorkItem
{
    /// <summary>No request is turned away for a line that is no longer than this.</summary>
    internal static readonly TimeSpan Short = TimeSpan.FromMilliseconds(100);

    /// <summary>Every request is. Who is let in waits for so long at every further step of its way; so do health checks and
    /// timers.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(300);

    internal static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>After it, what was measured says nothing about now.</summary>
    internal static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    /// <summary>Connections. What so many want is not too much for any machine.</summary>
    internal const int Few = 100;

    private readonly TimeProvider _clock;
    private readonly Action<IThreadPoolWorkItem> _line;
    private readonly int _few;
    private int _connections;

    /// <summary>When what is in line came there; 0: nothing is.</summary>
    private long _queuedAt;

    private long _measuredAt;
    private long _measured;

    public Backlog(IOptions<GatewayOptions> options)
        : this(options, TimeProvider.System, item => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false)) { }

    internal Backlog(IOptions<GatewayOptions> options, TimeProvider clock, Action<IThreadPoolWorkItem> line)
    {
        (_clock, _line) = (clock, line);
        // As many as may be worked on, and as many as may wait for that.
        _few = Math.Max(Few, 2 * options.Value.RequestsOfAKind);
        _measuredAt = clock.GetTimestamp();
    }

    /// <summary>The part of the requests that come now which is to be turned away, so that the line grows no longer: 0 to
    /// 1.</summary>
    public double Excess =>
        Volatile.Read(ref _connections) > _few ? Math.Clamp((Delay() - Short) / (Longest - Short), 0, 1) : 0;

    public ConnectionDelegate Counting(ConnectionDelegate next) =>
        async connection =>
        {
            Interlocked.Increment(ref _connections);
            try
            {
                await next(connection);
            }
            finally
            {
                Interlocked.Decrement(ref _connections);
            }
        };

    void IThreadPoolWorkItem.Execute()
    {
        var now = _clock.GetTimestamp();
        Volatile.Write(ref _measured, now - Volatile.Read(ref _queuedAt));
        Volatile.Write(ref _measuredAt, now);
        Volatile.Write(ref _queuedAt, 0);
    }

    private TimeSpan Delay()
    {
        var now = _clock.GetTimestamp();
        var queuedAt = Volatile.Read(ref _queuedAt);
        var age = _clock.GetElapsedTime(Volatile.Read(ref _measuredAt), now);
        if (queuedAt == 0 && age > Interval && Interlocked.CompareExchange(ref _queuedAt, now, 0) == 0)
            _line(this);
        var measured = age > Fresh ? TimeSpan.Zero : _clock.GetElapsedTime(0, Volatile.Read(ref _measured));
        var inLine = queuedAt == 0 ? TimeSpan.Zero : _clock.GetElapsedTime(queuedAt, now);
        return measured > inLine ? measured : inLine;
    }
}
