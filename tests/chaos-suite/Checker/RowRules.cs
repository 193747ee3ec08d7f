namespace GlueOrleans.Tests.ChaosSuite.Checker;

/// <summary>What the rows alone say of each run.</summary>
internal static class RowRules
{
    /// <summary>A run that has ended never moves again, and no version of a row is written twice or removed.</summary>
    public static IEnumerable<Violation> EndsExactlyOnce(History history)
    {
        foreach (var (id, versions) in history.ByRun())
        {
            var end = versions.FirstOrDefault(version => version.IsTerminal);
            foreach (var later in versions.Where(version => end is not null && version.Sequence > end.Sequence))
            {
                if (later.State != end!.State || later.ErrorMessage != end.ErrorMessage)
                    yield return new("ends once", $"{id} had ended: {end}, and became {later}", id);
            }

            foreach (var (earlier, later) in versions.Zip(versions.Skip(1)))
            {
                if (later.Version < earlier.Version || later.Version > earlier.Version + 1)
                    yield return new("ends once", $"{id} was {earlier}, and then {later}: versions skip", id);
            }

            if (versions.Any(version => version.IsDeleted))
                yield return new("ends once", $"{id} was removed, long before its history may be", id);
        }
    }

    /// <summary>Acknowledged means committed; and one answer is one run.</summary>
    public static IEnumerable<Violation> IsThereIfAcknowledged(History history)
    {
        var rows = history.Versions.Select(version => version.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var answers in history.Acknowledged.GroupBy(answer => answer.RunId, StringComparer.Ordinal))
        {
            if (!rows.Contains(answers.Key))
                yield return new("acknowledged", $"{answers.Key} was acknowledged, and has no row", answers.Key);
            if (answers.Count() > 1)
                yield return new(
                    "acknowledged",
                    $"{answers.Key} was the answer to {answers.Count()} calls",
                    answers.Key
                );
        }
    }

    /// <summary>When all has settled, every run has ended and nothing is owed.</summary>
    public static IEnumerable<Violation> NothingWaitsForEver(History history)
    {
        foreach (var (id, last) in history.Last())
        {
            if (!last.IsTerminal)
                yield return new("nothing waits for ever", $"{id} is still {last.State}", id);
            else if (last.OwesSuccessor)
                yield return new("nothing waits for ever", $"{id} has ended and is still owed its successor", id);
        }
    }

    /// <summary>
    /// A run fails because its script did, or because its node was lost with it. Also: nothing expires or is an ERROR here, and
    /// only a job with a timeout has runs that time out.
    /// </summary>
    public static IEnumerable<Violation> FailsForAReason(History history)
    {
        var executions = history.Executions.ToLookup(execution => execution.RunId, StringComparer.Ordinal);
        foreach (var (id, versions) in history.ByRun())
        {
            if (versions.FirstOrDefault(version => version.IsTerminal) is not { } end)
                continue;
            if (end.State is "ERROR" or "EXPIRED")
                yield return new("a reason to fail", $"{id} is {end.State}", id);
            if (end.State == "TIMEOUT" && history.Jobs.GetValueOrDefault(end.Job) is not { HasTimeout: true })
                yield return new("a reason to fail", $"{id} timed out, and had a lot of time", id);
            if (
                end.State == "FAILED"
                && !executions[id].Any(execution => execution.EndedWith is not (null or "0"))
                && !history.Harms.Any(harm => Explains(harm, end))
            )
                yield return new("a reason to fail", $"{id} failed, and nothing was done to its node: {end}", id);
        }
    }

    /// <summary>A run whose stop was acknowledged does not go on as another attempt.</summary>
    public static IEnumerable<Violation> StopsWhatWasStopped(History history)
    {
        var last = history.Last();
        foreach (var id in history.Stopped)
        {
            if (last.GetValueOrDefault(id) is { State: not ("STOPPED" or "SUCCEEDED" or "FAILED") } run)
                yield return new("a stop is a stop", $"{id} was to be stopped, and is {run.State}", id);
            if (last.Values.Any(run => run.PreviousRunId == id))
                yield return new("a stop is a stop", $"{id} was to be stopped, and was tried again", id);
        }
    }

    private static bool Explains(Harm harm, RunVersion end) =>
        (harm.Node is null || harm.Node == end.Node) && harm.From <= end.At && end.At <= harm.Until;
}
