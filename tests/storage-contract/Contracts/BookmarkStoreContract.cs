using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Contracts;

/// <summary>What every <see cref="IBookmarkStore"/> does, alone and together with the run table of the same database.</summary>
public abstract partial class BookmarkStoreContract : IAsyncLifetime
{
    private static readonly JobKey Other = new(TheJob.Account, "other");

    protected IRunStore Runs { get; private set; } = null!;

    protected IBookmarkStore Bookmarks { get; private set; } = null!;

    public async ValueTask InitializeAsync() => (Runs, Bookmarks) = await Open();

    public async ValueTask DisposeAsync()
    {
        await Close();
        GC.SuppressFinalize(this);
    }

    protected abstract ValueTask<(IRunStore Runs, IBookmarkStore Bookmarks)> Open();

    protected abstract ValueTask Close();

    [Fact]
    public async Task A_job_without_a_bookmark_has_revision_0_and_nothing_to_find()
    {
        Assert.Equal(new BookmarkHead(0, null), await Bookmarks.Read(TheJob));
        Assert.Null(await Bookmarks.FindByRun(TheJob, "jr_1"));
        Assert.Null(await Bookmarks.FindByVersion(TheJob, 1));
        Assert.Empty(await Bookmarks.List(TheJob, null, 10));
    }

    [Fact]
    public async Task An_entry_is_read_as_it_was_written()
    {
        var entry = AnEntry(1) with { PreviousRunId = "jr_0", State = """{"ctx":["ü","\u0000",{}]}""" };
        var bare = AnEntry(2) with { RunId = null, PreviousRunId = null, Version = 0, Run = 0, State = "{}" };

        await Append(entry);
        Assert.Equal(new BookmarkHead(1, entry), await Bookmarks.Read(TheJob));

        await Append(bare);
        Assert.Equal(new BookmarkHead(2, bare), await Bookmarks.Read(TheJob));
        Assert.Equal([bare, entry], await Bookmarks.List(TheJob, null, 10));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task An_entry_whose_revision_is_not_the_next_one_is_not_written(long revision)
    {
        await Append(AnEntry(1));
        await Append(AnEntry(2));

        Assert.False(await Bookmarks.AppendIfUnchanged(AnEntry(revision) with { State = """{"late":1}""" }));

        Assert.Equal(new BookmarkHead(2, AnEntry(2)), await Bookmarks.Read(TheJob));
        Assert.Equal(2, (await Bookmarks.List(TheJob, null, 10)).Count);
    }

    [Fact]
    public async Task The_newest_entry_of_a_run_or_a_version_is_found_and_only_in_its_own_job()
    {
        await Append(AnEntry(1) with { RunId = "jr_a", Version = 1 });
        await Append(AnEntry(2) with { RunId = "jr_b", Version = 2 });
        await Append(AnEntry(3) with { RunId = "jr_a", Version = 3 });
        await Append(AnEntry(4) with { RunId = null, Version = 0 });
        await Append(AnEntry(5) with { RunId = "jr_c", Version = 1 });
        await Append(AnEntry(1) with { Job = Other, RunId = "jr_d", Version = 9 });

        Assert.Equal(3, (await Bookmarks.FindByRun(TheJob, "jr_a"))?.Revision);
        Assert.Equal(2, (await Bookmarks.FindByRun(TheJob, "jr_b"))?.Revision);
        Assert.Null(await Bookmarks.FindByRun(TheJob, "jr_d"));
        Assert.Equal(5, (await Bookmarks.FindByVersion(TheJob, 1))?.Revision);
        Assert.Equal(4, (await Bookmarks.FindByVersion(TheJob, 0))?.Revision);
        Assert.Null(await Bookmarks.FindByVersion(TheJob, 9));
    }

    [Fact]
    public async Task Pages_go_through_the_history_once_newest_first()
    {
        for (var revision = 1; revision <= 7; revision++)
            await Append(AnEntry(revision));
        await Append(AnEntry(1) with { Job = Other });

        List<long> seen = [];
        for (long? before = null; ; before = seen[^1])
        {
            var page = await Bookmarks.List(TheJob, before, 3);
            if (page.Count == 0)
                break;
            seen.AddRange(page.Select(entry => entry.Revision));
        }

        Assert.Equal([7, 6, 5, 4, 3, 2, 1], seen);
    }

    [Fact]
    public async Task Only_the_last_entries_are_kept()
    {
        var last = IBookmarkStore.KeptEntries + 3;
        for (var revision = 1; revision <= last; revision++)
            await Append(AnEntry(revision));

        Assert.Equal(last, (await Bookmarks.Read(TheJob)).Latest?.Revision);
        Assert.Null(await Bookmarks.FindByRun(TheJob, AnEntry(3).RunId!));
        Assert.NotNull(await Bookmarks.FindByRun(TheJob, AnEntry(4).RunId!));
        Assert.Equal(IBookmarkStore.KeptEntries, (await Bookmarks.List(TheJob, null, last)).Count);
    }

    [Fact]
    public async Task A_deletion_takes_the_whole_history_and_no_revision_is_used_again()
    {
        await Append(AnEntry(1));
        await Append(AnEntry(2));
        await Append(AnEntry(1) with { Job = Other });

        await Bookmarks.Delete(TheJob);

        Assert.Equal(new BookmarkHead(3, null, Era: 3), await Bookmarks.Read(TheJob));
        Assert.Empty(await Bookmarks.List(TheJob, null, 10));
        Assert.False(await Bookmarks.AppendIfUnchanged(AnEntry(1)));
        Assert.False(await Bookmarks.AppendIfUnchanged(AnEntry(3)));
        Assert.True(await Bookmarks.AppendIfUnchanged(AnEntry(4)));
        Assert.Equal(new BookmarkHead(4, AnEntry(4), Era: 3), await Bookmarks.Read(TheJob));
        Assert.Equal(1, (await Bookmarks.Read(Other)).Latest?.Revision);
    }

    /// <summary>A first run that read "none" must not write into the bookmark of the next job of that name.</summary>
    [Fact]
    public async Task A_deletion_of_nothing_raises_the_revision_too()
    {
        await Bookmarks.Delete(TheJob);

        Assert.Equal(new BookmarkHead(1, null, Era: 1), await Bookmarks.Read(TheJob));
        Assert.False(await Bookmarks.AppendIfUnchanged(AnEntry(1)));
    }

    [Fact]
    public async Task Of_many_that_append_after_one_revision_exactly_one_succeeds()
    {
        for (var revision = 1; revision <= 10; revision++)
        {
            var results = await Task.WhenAll(
                Enumerable
                    .Range(0, 16)
                    .Select(i =>
                        Task.Run(() => Bookmarks.AppendIfUnchanged(AnEntry(revision) with { RunId = $"jr_{i}" }))
                    )
            );
            Assert.Single(results, isWritten => isWritten);
        }

        Assert.Equal(10, (await Bookmarks.List(TheJob, null, 100)).Count);
    }

    [Fact]
    public async Task An_entry_that_contradicts_itself_is_not_written()
    {
        BookmarkEntry[] bad =
        [
            AnEntry(0),
            AnEntry(1) with
            {
                Version = -1,
            },
            AnEntry(1) with
            {
                Attempt = -1,
            },
            AnEntry(1) with
            {
                State = "",
            },
            AnEntry(1) with
            {
                State = new string(' ', BookmarkEntry.LongestState + 1),
            },
        ];
        foreach (var entry in bad)
            await Assert.ThrowsAsync<ArgumentException>(() => Bookmarks.AppendIfUnchanged(entry));

        Assert.Equal(new BookmarkHead(0, null), await Bookmarks.Read(TheJob));
    }

    private async Task Append(BookmarkEntry entry) => Assert.True(await Bookmarks.AppendIfUnchanged(entry));

    private static BookmarkEntry AnEntry(long revision) =>
        new()
        {
            Job = TheJob,
            Revision = revision,
            Version = (int)revision,
            Run = (int)revision,
            Attempt = 0,
            RunId = $"jr_{revision:000000}",
            State = $$"""{"seen":{{revision}}}""",
        };
}
