namespace GlueOrleans.Tests.ChaosSuite.Checker;

/// <summary>Each failure that has attempts left is followed by one, and nothing else is followed by anything.</summary>
internal static class RetryRules
{
    public static IEnumerable<Violation> FollowEachFailureOnce(History history)
    {
        var runs = history.ByRun();
        var successors = runs
            .Values.Select(versions => versions[0])
            .Where(first => first.PreviousRunId is not null)
            .ToLookup(first => first.PreviousRunId!, StringComparer.Ordinal);
        foreach (var (id, versions) in runs)
        {
            var first = versions[0];
            var mostRetries = history.Jobs.GetValueOrDefault(first.Job)?.MaxRetries ?? 0;
            if (first.Attempt > mostRetries)
                yield return new("retries", $"{id} is attempt {first.Attempt}, of {mostRetries} retries", id);
            var endsAt = versions.FindIndex(version => version.IsTerminal);
            if (endsAt < 0)
                continue;
            var wanted = IsRetried(versions, endsAt, mostRetries) ? 1 : 0;
            var followers = successors[id].Count();
            if (followers != wanted)
                yield return new("retries", $"{followers} runs follow {id} instead of {wanted}", id);
            foreach (var follower in successors[id])
            {
                if (follower.Attempt != first.Attempt + 1)
                    yield return new(
                        "retries",
                        $"{follower.Id} is attempt {follower.Attempt} after {first.Attempt}",
                        id
                    );
                if (follower.Sequence < versions[endsAt].Sequence)
                    yield return new("retries", $"{follower.Id} was there before {id} had ended", id);
            }
        }
    }

    /// <summary>Not one that never got a slot, and not one that was being stopped, or had used up its time, when it failed.</summary>
    private static bool IsRetried(List<RunVersion> versions, int endsAt, int mostRetries)
    {
        var before = endsAt == 0 ? null : versions[endsAt - 1];
        return versions[endsAt].State == "FAILED"
            && versions[0].Attempt < mostRetries
            && before is { State: not "WAITING", EndsAs: null or "FAILED" or "EXPIRED" };
    }
}
