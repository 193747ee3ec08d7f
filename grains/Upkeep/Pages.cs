namespace GlueOrleans.Grains.Upkeep;

/// <summary>Long lists of the store's, worked through with never more than a page of them in memory.</summary>
internal static class Pages
{
    /// <summary>All items, page by page; each page is read when the one before has been taken.</summary>
    /// <param name="list">Reads the page after a cursor; <c>null</c>: the first.</param>
    /// <param name="cursor">Where the page goes on that follows after an item.</param>
    /// <param name="size">How many items <paramref name="list"/> answers with, unless they are the last ones.</param>
    public static async IAsyncEnumerable<T> Of<T, TCursor>(
        Func<TCursor?, Task<IReadOnlyList<T>>> list,
        Func<T, TCursor?> cursor,
        int size
    )
    {
        TCursor? after = default;
        IReadOnlyList<T> page;
        do
        {
            page = await list(after);
            foreach (var item in page)
                yield return item;
            if (page.Count > 0)
                after = cursor(page[^1]);
        } while (page.Count == size);
    }

    /// <summary>So many at a time. One that takes long keeps one place, and nobody else.</summary>
    public static Task ForEach<T>(
        IAsyncEnumerable<T> items,
        Func<T, Task> act,
        int atATime,
        CancellationToken cancellation
    ) =>
        Parallel.ForEachAsync(
            items,
            new ParallelOptions { MaxDegreeOfParallelism = atATime, CancellationToken = cancellation },
            async (item, _) => await act(item)
        );
}
