using GlueOrleans.GrainInterfaces.Executors;
using Microsoft.Extensions.Logging;

namespace GlueOrleans.Executors.Lease;

internal static partial class LeaseLog
{
    [LoggerMessage(120, LogLevel.Information, "Executor node {Tenure}: has its lease. {How}")]
    public static partial void Acquired(this ILogger log, ExecutorTenure tenure, string how);

    [LoggerMessage(
        121,
        LogLevel.Warning,
        "Executor node {Node}: another machine, or another data folder, has this name, for {TakenFor} more unless it renews its lease. Stop that one, or give this node another name (Cluster:Node). It is tried again until then."
    )]
    public static partial void NameTaken(this ILogger log, string node, TimeSpan takenFor);

    [LoggerMessage(122, LogLevel.Warning, "Executor node {Node}: the lease cannot be taken; it is tried again.")]
    public static partial void NotAcquired(this ILogger log, Exception exception, string node);

    [LoggerMessage(
        123,
        LogLevel.Warning,
        "Executor node {Node}: the lease could not be renewed. Scripts go on for {Left} more."
    )]
    public static partial void NotRenewed(this ILogger log, Exception exception, string node, TimeSpan left);

    [LoggerMessage(
        131,
        LogLevel.Error,
        "Executor node {Node}: the lease is renewed, but its guard cannot be told: the runs folder cannot be written. Scripts go on for {Left} more."
    )]
    public static partial void NotNoted(this ILogger log, Exception exception, string node, TimeSpan left);

    [LoggerMessage(132, LogLevel.Error, "Executor node {Node}: unexpected failure. It is tried again.")]
    public static partial void Failed(this ILogger log, Exception exception, string node);

    [LoggerMessage(133, LogLevel.Information, "Nothing runs here: the lease is given up.")]
    public static partial void GivenUp(this ILogger log);

    [LoggerMessage(124, LogLevel.Error, "Executor node {Tenure}: {Why} All its scripts are ended; it starts anew.")]
    public static partial void Lost(this ILogger log, ExecutorTenure tenure, string why);

    [LoggerMessage(125, LogLevel.Warning, "Scripts that an earlier lease has left are ended: {RunIds}.")]
    public static partial void Leftovers(this ILogger log, string runIds);

    [LoggerMessage(
        126,
        LogLevel.Error,
        "Processes of these runs survive SIGKILL: {RunIds}. No run is taken before they are gone."
    )]
    public static partial void Undead(this ILogger log, string runIds);

    [LoggerMessage(127, LogLevel.Error, "Executor node {Node}: it takes no runs now: {Problem}")]
    public static partial void NotReady(this ILogger log, string node, string problem);

    [LoggerMessage(128, LogLevel.Information, "Waiting up to {DrainTimeout} for the scripts of this node to end.")]
    public static partial void Draining(this ILogger log, TimeSpan drainTimeout);

    [LoggerMessage(
        129,
        LogLevel.Information,
        "Scripts that run go on for {Grace}, to be found by this node's next start."
    )]
    public static partial void LeftAlone(this ILogger log, TimeSpan grace);

    [LoggerMessage(
        130,
        LogLevel.Warning,
        "The lease could not be prolonged for a restart: scripts that run are ended when it is over."
    )]
    public static partial void NotProlonged(this ILogger log, Exception? exception);
}
