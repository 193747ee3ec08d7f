using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Tests.Support;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Contracts;

/// <summary>A run's success and its bookmark: both are written, or neither.</summary>
public abstract partial class BookmarkStoreContract
{
    [Fact]
    public async Task A_success_and_its_bookmark_are_written_together()
    {
        var (running, ended) = await ARunThatEnds();

        Assert.Equal(SaveResult.Saved, await Runs.SaveIfUnchanged(ended, running.Version, bookmark: Of(ended, 1)));

        Assert.Equal(JobRunState.Succeeded, (await Runs.Find(ended.Id))!.State);
        Assert.Equal(new BookmarkHead(1, Of(ended, 1)), await Bookmarks.Read(TheJob));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_bookmark_that_was_changed_meanwhile_keeps_the_run_from_being_saved(long revision)
    {
        await Append(AnEntry(1));
        var (running, ended) = await ARunThatEnds();

        var result = await Runs.SaveIfUnchanged(ended, running.Version, bookmark: Of(ended, revision));

        Assert.Equal(SaveResult.BookmarkStale, result);
        Assert.Equal(JobRunState.Running, (await Runs.Find(ended.Id))!.State);
        Assert.Equal(new BookmarkHead(1, AnEntry(1)), await Bookmarks.Read(TheJob));
    }

    [Fact]
    public async Task A_run_that_was_changed_meanwhile_keeps_its_bookmark_from_being_written()
    {
        var (running, ended) = await ARunThatEnds();
        await Runs.SaveIfUnchanged(running.MovedTo(JobRunState.Stopping), running.Version);

        Assert.Equal(SaveResult.Stale, await Runs.SaveIfUnchanged(ended, running.Version, bookmark: Of(ended, 1)));
        Assert.Equal(SaveResult.Stale, await Runs.SaveIfUnchanged(ended, running.Version, bookmark: Of(ended, 7)));

        Assert.Equal(new BookmarkHead(0, null), await Bookmarks.Read(TheJob));
    }

    [Fact]
    public async Task A_run_that_does_not_exist_writes_no_bookmark()
    {
        RunRecord never = ARun().InState(JobRunState.Succeeded).AtVersion(2);

        Assert.Equal(SaveResult.Gone, await Runs.SaveIfUnchanged(never, 1, bookmark: Of(never, 1)));
        Assert.Equal(SaveResult.Gone, await Runs.SaveIfUnchanged(never, 1, bookmark: Of(never, 7)));

        Assert.Equal(new BookmarkHead(0, null), await Bookmarks.Read(TheJob));
    }

    [Fact]
    public async Task A_repeated_success_writes_its_bookmark_once()
    {
        var (running, ended) = await ARunThatEnds();
        await Runs.SaveIfUnchanged(ended, running.Version, bookmark: Of(ended, 1));

        Assert.Equal(SaveResult.Stale, await Runs.SaveIfUnchanged(ended, running.Version, bookmark: Of(ended, 1)));

        Assert.Single(await Bookmarks.List(TheJob, null, 10));
    }

    [Fact]
    public async Task Of_many_runs_that_read_one_bookmark_exactly_one_writes_the_next()
    {
        List<(RunRecord Running, RunRecord Ended)> runs = [];
        for (var ordinal = 1; ordinal <= 16; ordinal++)
            runs.Add(await ARunThatEnds(ordinal));

        var results = await Task.WhenAll(
            runs.Select(run =>
                Task.Run(() => Runs.SaveIfUnchanged(run.Ended, run.Running.Version, bookmark: Of(run.Ended, 1)))
            )
        );

        Assert.Single(results, SaveResult.Saved);
        Assert.Equal(15, results.Count(result => result == SaveResult.BookmarkStale));
        var winner = Assert.Single(await Bookmarks.List(TheJob, null, 10));
        Assert.Equal(JobRunState.Succeeded, (await Runs.Find(winner.RunId!))!.State);
        Assert.Equal(15, (await Runs.LoadRoster(TheJob)).SlotHolders.Count);
    }

    [Fact]
    public async Task Only_a_success_writes_a_bookmark_and_only_its_own()
    {
        var (running, ended) = await ARunThatEnds();
        var failed = running.MovedTo(JobRunState.Failed);

        await Assert.ThrowsAsync<ArgumentException>(() =>
            Runs.SaveIfUnchanged(failed, running.Version, bookmark: Of(failed, 1))
        );
        await Assert.ThrowsAsync<ArgumentException>(() =>
            Runs.SaveIfUnchanged(ended, running.Version, bookmark: Of(ended, 1) with { RunId = "jr_other" })
        );
        await Assert.ThrowsAsync<ArgumentException>(() =>
            Runs.SaveIfUnchanged(ended, running.Version, bookmark: Of(ended, 1) with { Job = Other })
        );

        Assert.Equal(JobRunState.Running, (await Runs.Find(ended.Id))!.State);
    }

    private async Task<(RunRecord Running, RunRecord Ended)> ARunThatEnds(long ordinal = 1)
    {
        RunRecord running = ARun().WithOrdinal(ordinal).InState(JobRunState.Running);
        Assert.Equal(CreateResult.Created, await Runs.TryCreate(running));
        return (running, running.MovedTo(JobRunState.Succeeded));
    }

    private static BookmarkEntry Of(RunRecord run, long revision) => AnEntry(revision) with { RunId = run.Id };
}
