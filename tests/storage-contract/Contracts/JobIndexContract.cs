using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;
using Xunit;

namespace GlueOrleans.Tests.StorageContract.Contracts;

/// <summary>What every <see cref="IJobIndex"/> does. Derived once for each; every test has an empty index.</summary>
public abstract class JobIndexContract : IAsyncLifetime
{
    private const string Account = "111111111111";

    protected IJobIndex Index { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Index = await Open();

    public async ValueTask DisposeAsync()
    {
        await Close();
        GC.SuppressFinalize(this);
    }

    protected abstract ValueTask<IJobIndex> Open();

    protected abstract ValueTask Close();

    [Fact]
    public async Task A_name_is_listed_from_when_it_is_settled_until_a_change_is_announced()
    {
        var job = new JobKey(Account, "job");

        await Index.MarkUnsettled(job);
        Assert.Empty(await Index.ListNames(Account, null, 10));
        Assert.Equal([job], await Index.ListUnsettled(10));

        await Index.Settle(job);
        Assert.Equal(["job"], await Index.ListNames(Account, null, 10));
        Assert.Empty(await Index.ListUnsettled(10));

        await Index.MarkUnsettled(job);
        Assert.Empty(await Index.ListNames(Account, null, 10));
        Assert.Equal([job], await Index.ListUnsettled(10));
    }

    [Fact]
    public async Task A_removed_name_is_neither_listed_nor_unsettled()
    {
        var settled = new JobKey(Account, "settled");
        var unsettled = new JobKey(Account, "unsettled");
        await Index.Settle(settled);
        await Index.MarkUnsettled(unsettled);

        await Index.Remove(settled);
        await Index.Remove(unsettled);

        Assert.Empty(await Index.ListNames(Account, null, 10));
        Assert.Empty(await Index.ListUnsettled(10));
    }

    [Fact]
    public async Task Every_verb_can_be_repeated()
    {
        var job = new JobKey(Account, "job");

        await Index.Remove(job);
        await Index.MarkUnsettled(job);
        await Index.MarkUnsettled(job);
        await Index.Settle(job);
        await Index.Settle(job);

        Assert.Equal(["job"], await Index.ListNames(Account, null, 10));
    }

    [Fact]
    public async Task Names_are_listed_page_by_page_in_byte_order()
    {
        var names = Enumerable.Range(0, 2500).Select(i => $"job-{i * 7919 % 2500}").ToList();
        await Task.WhenAll(names.Select(name => Index.Settle(new JobKey(Account, name))));

        var seen = new List<string>();
        string? after = null;
        while (await Index.ListNames(Account, after, 113) is { Count: > 0 } page)
        {
            seen.AddRange(page);
            after = seen[^1];
        }

        Assert.Equal(names.Order(StringComparer.Ordinal), seen);
    }

    /// <summary>As UTF-16 the rocket (D83D …) would come before U+FF21; as UTF-8 it comes after.</summary>
    [Fact]
    public async Task Byte_order_is_that_of_UTF_8_and_knows_no_case_or_accents()
    {
        string[] inOrder = ["A", "B", "Z", "a", "a b", "a_b", "aa", "z", "É", "é", "日本", "\uFF21", "🚀"];
        foreach (var name in inOrder.Reverse())
            await Index.Settle(new JobKey(Account, name));

        Assert.Equal(inOrder, await Index.ListNames(Account, null, 100));
        Assert.Equal(["🚀"], await Index.ListNames(Account, "\uFF21", 100));
        Assert.Equal(inOrder[3..], await Index.ListNames(Account, "Zebra", 100));
    }

    [Fact]
    public async Task Accounts_do_not_see_each_others_names()
    {
        await Index.Settle(new JobKey(Account, "mine"));
        await Index.Settle(new JobKey("222222222222", "theirs"));

        Assert.Equal(["mine"], await Index.ListNames(Account, null, 10));
        Assert.Empty(await Index.ListNames("333333333333", null, 10));
    }

    [Fact]
    public async Task Unsettled_jobs_of_all_accounts_are_listed_up_to_the_limit()
    {
        foreach (var account in new[] { Account, "222222222222" })
        {
            for (var i = 0; i < 5; i++)
            {
                await Index.MarkUnsettled(new JobKey(account, $"open-{i}"));
                await Index.Settle(new JobKey(account, $"done-{i}"));
            }
        }

        var all = await Index.ListUnsettled(100);
        Assert.Equal(10, all.Distinct().Count());
        Assert.All(all, job => Assert.StartsWith("open-", job.Name, StringComparison.Ordinal));
        Assert.Equal(3, (await Index.ListUnsettled(3)).Count);
    }

    [Fact]
    public async Task A_new_name_beyond_the_limit_is_not_added()
    {
        await Index.Settle(new JobKey(Account, "settled"));
        await Index.MarkUnsettled(new JobKey(Account, "unsettled"));
        await Index.Settle(new JobKey("222222222222", "theirs"));
        var third = new JobKey(Account, "third");

        Assert.False(await Index.TryMarkUnsettled(third, 2));
        Assert.Equal([new JobKey(Account, "unsettled")], await Index.ListUnsettled(10));

        Assert.True(await Index.TryMarkUnsettled(third, 3));
        Assert.Contains(third, await Index.ListUnsettled(10));
    }

    [Fact]
    public async Task A_name_that_is_there_is_announced_whatever_the_limit()
    {
        var jobs = Enumerable.Range(0, 3).Select(i => new JobKey(Account, $"job-{i}")).ToList();
        foreach (var job in jobs)
            await Index.Settle(job);

        Assert.True(await Index.TryMarkUnsettled(jobs[1], 1));
        Assert.True(await Index.TryMarkUnsettled(jobs[1], 1));

        Assert.Equal(["job-0", "job-2"], await Index.ListNames(Account, null, 10));
        Assert.Equal([jobs[1]], await Index.ListUnsettled(10));
    }

    [Fact]
    public async Task Names_added_at_once_do_not_exceed_the_limit_together()
    {
        var added = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(i => Index.TryMarkUnsettled(new JobKey(Account, $"job-{i}"), 20))
        );

        Assert.Equal(20, added.Count(wasAdded => wasAdded));
        Assert.Equal(20, (await Index.ListUnsettled(100)).Count);
    }

    [Fact]
    public async Task A_removed_name_makes_room()
    {
        var (first, second) = (new JobKey(Account, "first"), new JobKey(Account, "second"));
        Assert.True(await Index.TryMarkUnsettled(first, 1));
        Assert.False(await Index.TryMarkUnsettled(second, 1));

        await Index.Remove(first);

        Assert.True(await Index.TryMarkUnsettled(second, 1));
    }

    [Fact]
    public async Task A_list_or_a_limit_without_room_is_a_mistake_of_the_caller()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Index.ListNames(Account, null, 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Index.ListUnsettled(0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            Index.TryMarkUnsettled(new JobKey(Account, "job"), 0)
        );
    }
}
