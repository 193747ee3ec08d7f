namespace GlueOrleans.Tests.ChaosSuite.Checker;

/// <summary>What the scripts' own marks say, and that the rows agree with it.</summary>
internal static class ExecutionRules
{
    /// <summary>No run's script is started twice; and none that has no row.</summary>
    public static IEnumerable<Violation> AtMostOnce(History history)
    {
        var rows = history.Versions.Select(version => version.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var run in history.Executions.GroupBy(execution => execution.RunId, StringComparer.Ordinal))
        {
            var starts = run.Sum(execution => execution.Marks.Count(mark => mark.What == "start"));
            if (starts > 1)
                yield return new(
                    "executed at most once",
                    $"the script of {run.Key} was started {starts} times",
                    run.Key
                );
            if (!rows.Contains(run.Key))
                yield return new("executed at most once", $"{run.Key} was executed and has no row", run.Key);
        }
    }

    /// <summary>SUCCEEDED: the script was there, and came to a good end.</summary>
    public static IEnumerable<Violation> SuccessMeansRun(History history)
    {
        var executions = history.Executions.ToLookup(execution => execution.RunId, StringComparer.Ordinal);
        foreach (var (id, last) in history.Last())
        {
            if (last.State == "SUCCEEDED" && executions[id].Count(execution => execution.EndedWith == "0") != 1)
            {
                yield return new(
                    "success means run",
                    $"{id} has SUCCEEDED, and its script has not come to its end once: {string.Join("; ", executions[id])}",
                    id
                );
            }
        }
    }

    /// <summary>Two processes of the same run, of whatever attempts, never live at the same time.</summary>
    public static IEnumerable<Violation> NeverOverlap(History history)
    {
        foreach (var run in history.Executions.GroupBy(e => History.RootOf(e.RunId), StringComparer.Ordinal))
        {
            Execution? longest = null;
            foreach (var execution in run.OrderBy(execution => execution.Begins))
            {
                if (longest is not null && execution.Begins < longest.LastSeen - HistoryChecker.Tolerance)
                {
                    yield return new(
                        "never twice at the same time",
                        $"{execution.RunId} ({execution}) began while {longest.RunId} ({longest}) lived",
                        execution.RunId
                    );
                }

                if (longest is null || execution.LastSeen > longest.LastSeen)
                    longest = execution;
            }
        }
    }

    /// <summary>A row becomes terminal when the process is gone, not before.</summary>
    public static IEnumerable<Violation> NoneOutlivesItsRow(History history)
    {
        var ends = history
            .ByRun()
            .Select(run => run.Value.FirstOrDefault(version => version.IsTerminal))
            .OfType<RunVersion>()
            .ToDictionary(end => end.Id, StringComparer.Ordinal);
        foreach (var execution in history.Executions)
        {
            if (
                ends.TryGetValue(execution.RunId, out var end)
                && execution.LastSeen > end.At + HistoryChecker.Tolerance
            )
            {
                yield return new(
                    "no process outlives its run",
                    FormattableString.Invariant(
                        $"{execution.RunId} was {end.State} at {end.At:0.00}, and its process lived {execution.LastSeen - end.At:0.00} s longer"
                    ),
                    execution.RunId
                );
            }
        }
    }
}
