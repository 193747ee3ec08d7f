using GlueOrleans.GrainInterfaces.Executors;

namespace GlueOrleans.Grains.Executors;

/// <summary>
/// The runs that wait for room on executor nodes, and have a call coming when there is some: of each account those that it
/// lets go first, so there are few of them.
/// </summary>
/// <remarks>Not safe for threads; a grain's turns are one after the other.</remarks>
public sealed class ExecutorLine
{
    /// <summary>How long room is kept for one that was called and does not come.</summary>
    public static readonly TimeSpan TurnLasts = TimeSpan.FromSeconds(10);

    /// <summary>How long one is in the line that does not ask again, as whoever still waits does in each sweep.</summary>
    public static readonly TimeSpan WaitLasts = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Waiter> _waiters = new(StringComparer.Ordinal);

    private sealed record Waiter(
        string RunId,
        string Account,
        double Dpus,
        DateTimeOffset Since,
        DateTimeOffset AskedOn,
        DateTimeOffset? CalledOn = null
    );

    public bool IsEmpty => _waiters.Count == 0;

    /// <summary>It waits to be called, if it was called before for the next time.</summary>
    public void Add(PlaceRequest request, DateTimeOffset now) =>
        _waiters[request.RunId] = new Waiter(request.RunId, request.Account, request.Dpus, request.Since, now);

    /// <summary>It is on its way, without being called. Unless it is in the line: then it has been here, was told that there is
    /// no room, and has a call coming.</summary>
    public void AddCalled(PlaceNext next, string account, DateTimeOffset now) =>
        _waiters.TryAdd(next.RunId, new Waiter(next.RunId, account, next.Dpus, next.Since, now, now));

    public void Remove(string runId) => _waiters.Remove(runId);

    /// <summary>
    /// What those of other accounts need who have waited longer. Which of its own runs comes next is the account's business;
    /// so any of them comes in the place of the one that has waited longest.
    /// </summary>
    public IReadOnlyList<double> AheadOf(PlaceRequest request, DateTimeOffset now)
    {
        if (_waiters.Count == 0)
            return [];
        var since = _waiters
            .Values.Where(waiter => waiter.Account == request.Account)
            .Select(waiter => waiter.Since)
            .Append(request.Since)
            .Min();
        return
        [
            .. InOrder()
                .Where(waiter => waiter.Account != request.Account && waiter.Since < since && !IsLost(waiter, now))
                .Select(waiter => waiter.Dpus),
        ];
    }

    /// <summary>Calls those that <paramref name="hasRoom"/> has room for besides all that are ahead of them.</summary>
    /// <returns>Their accounts, and what each needs, those that have waited longest first.</returns>
    public IReadOnlyList<(string Account, double Dpus)> Call(
        Func<double, IReadOnlyList<double>, bool> hasRoom,
        DateTimeOffset now
    )
    {
        var called = new List<(string, double)>();
        // They may have been lost on the way. If not they ask again.
        foreach (var waiter in InOrder().Where(waiter => now - waiter.AskedOn > WaitLasts))
            called.Add((waiter.Account, waiter.Dpus));
        foreach (var lost in _waiters.Values.Where(waiter => IsLost(waiter, now)).ToList())
            _waiters.Remove(lost.RunId);
        var ahead = new List<double>();
        foreach (var waiter in InOrder())
        {
            if (waiter.CalledOn is null && hasRoom(waiter.Dpus, ahead))
            {
                _waiters[waiter.RunId] = waiter with { CalledOn = now };
                called.Add((waiter.Account, waiter.Dpus));
            }

            ahead.Add(waiter.Dpus);
        }

        return called;
    }

    private static bool IsLost(Waiter waiter, DateTimeOffset now) =>
        now - waiter.AskedOn > WaitLasts || now - waiter.CalledOn > TurnLasts;

    private List<Waiter> InOrder() =>
        [.. _waiters.Values.OrderBy(waiter => waiter.Since).ThenBy(waiter => waiter.RunId, StringComparer.Ordinal)];
}
