using GlueOrleans.GrainInterfaces.Executors;

namespace GlueOrleans.Executors.Lease;

/// <summary>
/// Under which tenure this node runs scripts, and whether it may start any. Written by who keeps the lease; read with every
/// request, against the clock: a process that was stopped for a while must not act on what was true before.
/// </summary>
public sealed class NodeTenure
{
    private readonly Lock _writing = new();
    private readonly Func<bool> _isGuarded;
    private volatile Standing _now;

    private sealed record Standing(
        ExecutorTenure? Tenure,
        TimeSpan TrustedUntil,
        string? WhyNoLaunch,
        bool IsAnothers = false
    );

    private NodeTenure(Standing standing, Func<bool> isGuarded)
    {
        _now = standing;
        _isGuarded = isGuarded;
    }

    /// <summary>Of an executor that nobody else could be given the runs of: there is no lease that could end.</summary>
    public static NodeTenure Endless(ExecutorTenure tenure) =>
        new(new Standing(tenure, TimeSpan.MaxValue, WhyNoLaunch: null), static () => true);

    /// <summary>Of a node that has no lease yet.</summary>
    internal static NodeTenure None(Func<bool> isGuarded) =>
        new(new Standing(null, default, "this node is only starting: it has no lease yet."), isGuarded);

    /// <summary><c>null</c>: the node has no lease, or cannot be certain that it still has.</summary>
    public ExecutorTenure? Current => _now is var now && IsTrusted(now) ? now.Tenure : null;

    /// <summary>What the lease file has to name when the script of a run starts; <c>null</c> where there is no lease.</summary>
    internal ExecutorTenure? LeaseFor(ExecutorTenure? executor) =>
        _now.TrustedUntil == TimeSpan.MaxValue ? null : executor ?? _now.Tenure ?? new ExecutorTenure("", 0);

    /// <summary>Why no script may be started now, in a part of a sentence; <c>null</c>: it may.</summary>
    public string? WhyNoLaunch =>
        _now is not { Tenure: not null } now ? _now.WhyNoLaunch ?? "this node has no lease."
        : !IsTrusted(now) ? "this node could not renew its lease in time."
        : now.WhyNoLaunch
            ?? (_isGuarded() ? null : "this node's guard, which would end its scripts with its lease, is not running.");

    /// <summary>Whether the node's name belongs to another machine or folder, as far as is known. What is asked of the name is then
    /// not for this process to answer: the other one may be doing it.</summary>
    internal bool IsAnothers => _now.IsAnothers;

    /// <summary>Whether a run that was placed under this tenure is this node's now. <c>null</c>, of rows from before there were
    /// tenures, always is.</summary>
    public bool IsCurrent(ExecutorTenure? executor) =>
        Current is { } current && (executor is null || executor == current);

    /// <summary>Whether the script of a run that was taken may be started in this moment.</summary>
    internal bool Vouches(ExecutorTenure? executor) => IsCurrent(executor) && _isGuarded();

    internal void Begin(ExecutorTenure tenure, TimeSpan trustedUntil) =>
        Become(_ => new Standing(
            tenure,
            trustedUntil,
            "this node is only starting: it finds out what it runs already."
        ));

    internal void Extend(TimeSpan trustedUntil) => Become(now => now with { TrustedUntil = trustedUntil });

    internal void Open() => Become(now => now with { WhyNoLaunch = null });

    internal void Close(string why) => Become(now => now with { WhyNoLaunch = why });

    /// <param name="why">In a part of a sentence.</param>
    /// <param name="isAnothers">The database has just said that another has the name. That counts until this one has it.</param>
    internal void End(string why, bool isAnothers = false) =>
        Become(now => new Standing(null, default, why, isAnothers || now.IsAnothers));

    private void Become(Func<Standing, Standing> change)
    {
        lock (_writing)
            _now = change(_now);
    }

    private static bool IsTrusted(Standing now) =>
        now.TrustedUntil == TimeSpan.MaxValue || (now.Tenure is not null && Uptime.Now() < now.TrustedUntil);
}
