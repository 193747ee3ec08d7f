using GlueOrleans.Gateway.Protocol;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Gateway.Neighbours;

/// <summary>Log groups and streams, as requests name them, over the grains that read the logs of runs.</summary>
internal sealed class LogStreams(IGrainFactory grains)
{
    private const string GroupPart = ":log-group:";
    private const int MaxStreamName = 512;

    /// <summary><c>null</c>: there is no such stream for this caller.</summary>
    /// <remarks>
    /// Nor is there one of a job that the caller's access key is not for. Whose a stream is, is only known from its run, so
    /// a refusal that names a resource would tell which runs there are; and clients that follow a log forgive this answer
    /// alone. The run is looked up before the log is, so that an executor that is away tells nothing either.
    /// </remarks>
    public async Task<RunLogPart?> Read(Caller caller, string group, string stream, RunLogRange range)
    {
        if (string.IsNullOrWhiteSpace(stream) || stream.Length > MaxStreamName)
            return null;
        var log = grains.GetGrain<IRunLogGrain>(stream);
        if (
            caller.Permissions.AreLimitedToJobs
            && (await log.FindJob(caller.Account) is not { } job || !caller.Permissions.AllowJob(job))
        )
        {
            return null;
        }

        return await log.Read(caller.Account, group, range);
    }

    /// <summary>The group of a request: by its name, or by its name or ARN as the identifier.</summary>
    public static AwsError? FindGroup(string? name, string? identifier, out string group)
    {
        group = name ?? NameIn(identifier ?? "");
        if (name is not null && identifier is not null)
            return LogsErrors.InvalidParameter("Give logGroupName or logGroupIdentifier, not both.");
        return group.Length > 0
            ? null
            : LogsErrors.InvalidParameter("logGroupName is missing: give a run's LogGroupName and /output or /error.");
    }

    /// <summary>Whether some event of the part may have been printed in a span of time.</summary>
    /// <param name="part">With the times that its events lie between.</param>
    /// <param name="from">Epoch milliseconds; <c>null</c>: no limit.</param>
    /// <param name="to">Epoch milliseconds, inclusive; <c>null</c>: no limit.</param>
    public static bool MayBeIn(RunLogPart part, long? from, long? to) =>
        (from is null || part.NotAfter.ToUnixTimeMilliseconds() >= from)
        && (to is null || part.NotBefore.ToUnixTimeMilliseconds() <= to);

    private static string NameIn(string identifier)
    {
        if (!identifier.StartsWith("arn:", StringComparison.Ordinal))
            return identifier;
        var at = identifier.IndexOf(GroupPart, StringComparison.Ordinal);
        return at < 0 ? identifier : identifier[(at + GroupPart.Length)..].TrimEnd('*').TrimEnd(':');
    }
}
