namespace GlueOrleans.Tests.ChaosSuite.Checker;

/// <summary>First come, first served, in each job.</summary>
internal static class QueueRules
{
    /// <summary>
    /// When a run begins, no run of its job waits that was there before it. Two kinds stand beside the queue: retries go ahead of
    /// it, and a run that its node had no room for after all has lost nothing by the order.
    /// </summary>
    public static IEnumerable<Violation> FirstComeFirstServed(History history)
    {
        foreach (var job in history.Versions.GroupBy(version => version.Job, StringComparer.Ordinal))
        {
            var waiting = new SortedDictionary<long, string>();
            var begun = new HashSet<string>(StringComparer.Ordinal);
            foreach (var version in job.OrderBy(version => version.Sequence))
            {
                if (version.State == "WAITING")
                {
                    if (!begun.Contains(version.Id))
                        waiting[version.Ordinal] = version.Id;
                    continue;
                }

                waiting.Remove(version.Ordinal);
                if (!version.HoldsSlot || !begun.Add(version.Id) || version.Attempt > 0)
                    continue;
                foreach (var (ordinal, id) in waiting.TakeWhile(other => other.Key < version.Ordinal))
                {
                    yield return new(
                        "first come, first served",
                        $"{version.Id} (ordinal {version.Ordinal} of {version.Job}) began at #{version.Sequence} while {id} (ordinal {ordinal}) waited",
                        id
                    );
                }
            }
        }
    }
}
