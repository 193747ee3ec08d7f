using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Tests.Unit.Gateway.Support;

internal sealed partial class FakeGrains : IRunLogGrain
{
    public static readonly DateTimeOffset LogBegan = AJob.Noon;
    public static readonly DateTimeOffset LogWritten = AJob.Noon.AddMinutes(1);

    /// <summary>The lines of the logs. Their positions are their numbers, from 0.</summary>
    public Dictionary<(string Account, string Group, string RunId), List<string>> Logs { get; } = [];

    /// <summary>The node that has the logs, if it cannot be reached.</summary>
    public string? LogsAreAwayWith { get; set; }

    /// <summary>Whose runs all of them are.</summary>
    public string JobOfLogs { get; set; } = "job";

    Task<string?> IRunLogGrain.FindJob(string account) =>
        Task.FromResult(Logs.Keys.Any(log => log.Account == account && log.RunId == Key) ? JobOfLogs : null);

    Task<RunLogPart?> IRunLogGrain.Read(string account, string logGroup, RunLogRange range)
    {
        if (LogsAreAwayWith is { } node)
            throw new ExecutorUnreachableException($"The node {node} cannot be reached now.");
        if (!Logs.TryGetValue((account, logGroup, Key!), out var lines))
            return Task.FromResult<RunLogPart?>(null);
        var at = (int)(range.Position ?? (range.Backwards ? lines.Count : 0));
        var (start, end) = range.Backwards
            ? (Math.Max(0, at - range.MaxEvents), at)
            : (at, Math.Min(lines.Count, at + range.MaxEvents));
        return Task.FromResult<RunLogPart?>(
            new RunLogPart
            {
                Events = [.. lines[start..end].Select((line, i) => new RunLogEvent(start + i, line))],
                Start = start,
                End = end,
                NotBefore = LogBegan,
                NotAfter = LogWritten,
            }
        );
    }
}
