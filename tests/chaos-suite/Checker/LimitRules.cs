namespace GlueOrleans.Tests.ChaosSuite.Checker;

/// <summary>What may be at a time, after each write.</summary>
internal static class LimitRules
{
    /// <summary>
    /// In the order of writes no more runs hold a slot than their job and the account allow. That order may differ from the
    /// order of commits only for writes that knew nothing of each other, and those are within the limit in either order.
    /// </summary>
    public static IEnumerable<Violation> OfJobsAndAccount(History history)
    {
        var holders = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        var all = new HashSet<string>(StringComparer.Ordinal);
        foreach (var version in history.Versions.OrderBy(version => version.Sequence))
        {
            var ofJob = holders.TryGetValue(version.Job, out var known) ? known : holders[version.Job] = [];
            if (!version.HoldsSlot)
            {
                ofJob.Remove(version.Id);
                all.Remove(version.Id);
                continue;
            }

            if (!ofJob.Add(version.Id))
                continue;
            all.Add(version.Id);
            if (history.Jobs.TryGetValue(version.Job, out var job) && ofJob.Count > job.MaxConcurrentRuns)
            {
                yield return new(
                    "limits",
                    $"{ofJob.Count} runs of {version.Job} held a slot at #{version.Sequence}, {job.MaxConcurrentRuns} may: {string.Join(", ", ofJob)}",
                    version.Id
                );
            }

            if (all.Count > history.AccountLimit)
            {
                yield return new(
                    "limits",
                    $"{all.Count} runs of the account held a slot at #{version.Sequence}, {history.AccountLimit} may",
                    version.Id
                );
            }
        }
    }

    /// <summary>
    /// No node runs more scripts than it may: the processes themselves, by their marks. (Rows may name a node that has no room:
    /// it says so, and the run waits again.)
    /// </summary>
    public static IEnumerable<Violation> OfNodes(History history)
    {
        foreach (var node in history.Executions.GroupBy(execution => execution.Node, StringComparer.Ordinal))
        {
            var moments = node.SelectMany(execution =>
                    new[]
                    {
                        (At: execution.Begins, Change: 1, execution.RunId),
                        (At: execution.LastSeen, Change: -1, execution.RunId),
                    }
                )
                // Of two moments that cannot be told apart the end is taken for the first.
                .OrderBy(moment => moment.At)
                .ThenBy(moment => moment.Change);
            var running = 0;
            foreach (var (at, change, runId) in moments)
            {
                running += change;
                if (change > 0 && running > history.NodeLimit)
                {
                    yield return new(
                        "limits",
                        FormattableString.Invariant(
                            $"{running} scripts ran on {node.Key} at {at:0.00}, {history.NodeLimit} may"
                        ),
                        runId
                    );
                }
            }
        }
    }

    /// <summary>How often a row was placed on a node that had no room by the rows: allowed, and worth a look.</summary>
    public static int Overbooked(History history)
    {
        var placed = new Dictionary<string, string>(StringComparer.Ordinal);
        var overbooked = 0;
        foreach (var version in history.Versions.OrderBy(version => version.Sequence))
        {
            if (!version.HoldsSlot || version.Node is not { } node)
                placed.Remove(version.Id);
            else if (placed.TryAdd(version.Id, node) && placed.Values.Count(other => other == node) > history.NodeLimit)
                overbooked++;
        }

        return overbooked;
    }
}
