using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>The two things every listing does with its <c>NextToken</c>: read the one it got, and make the next.</summary>
internal static class Paging
{
    /// <summary><c>null</c> = the first page. An empty token is none (glue-behaviour.md 1.2.4).</summary>
    /// <returns>A refusal that names the parameter, for a token that is not one of this listing.</returns>
    public static Refusal? Resume(string? nextToken, PageToken listing, out string? position)
    {
        position = null;
        if (string.IsNullOrEmpty(nextToken) || listing.TryRead(nextToken, out position))
            return null;
        return InvalidToken;
    }

    public static Refusal InvalidToken { get; } =
        Refusal.InvalidInput(
            "The value of NextToken is not valid: pass the NextToken of an earlier response of the same operation, "
                + "with the same parameters, unchanged."
        );

    /// <param name="fetched">Up to <paramref name="pageSize"/> + 1 entries: the one too many only tells that there is more.</param>
    /// <param name="pageSize">How many of them the page may show.</param>
    /// <param name="listing">What the token is bound to.</param>
    /// <param name="position">The place of an entry in the listing.</param>
    public static (IReadOnlyList<T> Page, string? NextToken) Cut<T>(
        IReadOnlyList<T> fetched,
        int pageSize,
        PageToken listing,
        Func<T, string> position
    )
    {
        if (fetched.Count <= pageSize)
            return (fetched, null);
        var page = fetched.Take(pageSize).ToList();
        return (page, listing.After(position(page[^1])));
    }
}
