namespace GlueOrleans.Tests.Executor;

/// <summary>The system's time, until it is frozen: then no timer fires any more, as for a process that was killed or stopped.</summary>
internal sealed class FreezableTime : TimeProvider
{
    private volatile bool _isFrozen;

    public void Freeze() => _isFrozen = true;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(
            given =>
            {
                if (!_isFrozen)
                    callback(given);
            },
            state,
            dueTime,
            period
        );
}
