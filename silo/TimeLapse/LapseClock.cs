using GlueOrleans.Grains;

namespace GlueOrleans.Silo.TimeLapse;

/// <summary>
/// A clock that goes on from an anchor, some times faster than the wall's. It follows the wall's monotonic clock while the
/// node is up, so that setting the wall's clock moves it neither back nor, times its speed, ahead.
/// </summary>
internal sealed class LapseClock : TimeProvider, IWallClock
{
    private readonly TimeProvider _wall;
    private readonly long _startedAt;
    private readonly DateTimeOffset _start;
    private readonly double _speedBefore;

    /// <param name="wall">The real clock.</param>
    /// <param name="last">Where the clock of this data folder was last; <c>null</c> = it was the wall's so far.</param>
    /// <param name="speed">From now on.</param>
    public LapseClock(TimeProvider wall, ClockAnchor? last, double speed)
    {
        _wall = wall;
        _startedAt = wall.GetTimestamp();
        var now = wall.GetUtcNow();
        _start = last?.NodeAt(now) ?? now;
        _speedBefore = last?.Speed ?? 1;
        NodeSpeed = speed;
    }

    public TimeProvider Time => _wall;

    public double NodeSpeed { get; }

    /// <summary>Ticks, as of <see cref="TimeSpan"/>, since this clock was made.</summary>
    public override long GetTimestamp() => (long)(Up.Ticks * NodeSpeed);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    private TimeSpan Up => _wall.GetElapsedTime(_startedAt);

    public override DateTimeOffset GetUtcNow() => ClockAnchor.Advance(_start, Up, NodeSpeed);

    /// <remarks>What happened before this node was up is told by the speed of the one before.</remarks>
    public DateTimeOffset ToNode(DateTimeOffset wall)
    {
        var up = Up;
        var ago = _wall.GetUtcNow() - wall;
        if (ago <= TimeSpan.Zero)
            return ClockAnchor.Advance(_start, up, NodeSpeed);
        return ClockAnchor.Advance(_start, up - ago, ago <= up ? NodeSpeed : _speedBefore);
    }

    /// <summary>The anchor from which the clock goes on when this node is no more.</summary>
    /// <param name="untilNext">Wall time until the next one is written, at the longest; zero if no more is.</param>
    public ClockAnchor Anchor(TimeSpan untilNext)
    {
        var up = Up;
        return new ClockAnchor
        {
            Wall = _wall.GetUtcNow(),
            Node = ClockAnchor.Advance(_start, up, NodeSpeed),
            Speed = NodeSpeed,
            Reached = ClockAnchor.Advance(_start, up + untilNext, NodeSpeed),
        };
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new LapseTimer(_wall.CreateTimer(callback, state, ToWall(dueTime), ToWall(period)), this);

    /// <summary>Rounded up to what timers count in, so that none is early. Zero and infinite mean the same on both.</summary>
    private TimeSpan ToWall(TimeSpan node) =>
        node <= TimeSpan.Zero ? node : TimeSpan.FromMilliseconds(Math.Ceiling((node / NodeSpeed).TotalMilliseconds));

    private sealed class LapseTimer(ITimer timer, LapseClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) =>
            timer.Change(clock.ToWall(dueTime), clock.ToWall(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
