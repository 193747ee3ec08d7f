using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Grains.Tags;

/// <summary>Which tags a resource may have (glue-behaviour.md 2.2.4).</summary>
/// <remarks>Lengths of keys and values are the model's to check.</remarks>
public static class TagRules
{
    /// <summary>Tags of one resource.</summary>
    public const int MostTags = 50;

    private const string ReservedPrefix = "aws";

    /// <summary>The tags of a new resource, as they are. Refusal: InvalidInput.</summary>
    public static Outcome<IReadOnlyDictionary<string, string>> Check(IReadOnlyDictionary<string, string> tags)
    {
        foreach (var key in tags.Keys)
        {
            if (key.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase))
            {
                return Refusal.InvalidInput(
                    $"Tag key '{key}' is not valid: keys that begin with '{ReservedPrefix}', in any case, are reserved. "
                        + "Choose another key."
                );
            }
        }

        return tags.Count <= MostTags
            ? Outcome.Of(tags)
            : Refusal.InvalidInput(
                $"The resource would have {tags.Count} tags: it can have at most {MostTags}. Remove some first."
            );
    }

    /// <summary>The tags with others added, each in place of one with the same key. Refusal: InvalidInput.</summary>
    public static Outcome<IReadOnlyDictionary<string, string>> Add(
        IReadOnlyDictionary<string, string> tags,
        IReadOnlyDictionary<string, string> added
    )
    {
        var all = new Dictionary<string, string>(tags, StringComparer.Ordinal);
        foreach (var (key, value) in added)
            all[key] = value;
        return Check(all);
    }

    /// <summary>The tags without those of some keys, whether they are there or not.</summary>
    public static IReadOnlyDictionary<string, string> Remove(
        IReadOnlyDictionary<string, string> tags,
        IReadOnlyList<string> keys
    )
    {
        var removed = keys.ToHashSet(StringComparer.Ordinal);
        return tags.Where(tag => !removed.Contains(tag.Key))
            .ToDictionary(tag => tag.Key, tag => tag.Value, StringComparer.Ordinal);
    }

    public static bool AreSame(IReadOnlyDictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        a.Count == b.Count
        && a.All(tag =>
            b.TryGetValue(tag.Key, out var value) && string.Equals(value, tag.Value, StringComparison.Ordinal)
        );
}
