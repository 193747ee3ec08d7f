namespace GlueOrleans.Tests.ChaosSuite.Checker;

/// <summary>A bookmark moves with each success, once, and with nothing else.</summary>
internal static class BookmarkRules
{
    public static IEnumerable<Violation> OneForEachSuccess(History history)
    {
        var entries = history
            .BookmarkedBy.GroupBy(id => id, StringComparer.Ordinal)
            .ToDictionary(entry => entry.Key, entry => entry.Count(), StringComparer.Ordinal);
        foreach (var (id, last) in history.Last())
        {
            var wanted =
                last.State == "SUCCEEDED" && history.Jobs.GetValueOrDefault(last.Job) is { HasBookmark: true } ? 1 : 0;
            var written = entries.GetValueOrDefault(id);
            if (written != wanted)
                yield return new("bookmarks", $"{id} ({last.State}) wrote {written} bookmarks instead of {wanted}", id);
        }
    }
}
