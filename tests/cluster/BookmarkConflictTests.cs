using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Tests.Support;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

/// <summary>Bookmarks when something comes in between: other runs, resets, deletions, faults of the store.</summary>
public sealed class BookmarkConflictTests : BookmarkCluster
{
    [Fact]
    public async Task Of_two_runs_that_read_one_bookmark_the_second_to_end_fails_and_says_why()
    {
        await CreateJob(maxConcurrentRuns: 2);
        var (first, second) = (await StartRunning("job-bookmark-enable"), await StartRunning("job-bookmark-enable"));

        await Commits(second, """{"by":"second"}""");
        await Commits(first, """{"by":"first"}""");

        await AssertStale(first, "Expected version 0 but found version 1.");
        Assert.Equal((second, """{"by":"second"}"""), ((await Bookmark()).RunId, (await Bookmark()).State));
        // The slot of the failed one is free again.
        Assert.False((await Job.StartRun(Request("job-bookmark-enable"))).IsRefused);
        Assert.False((await Job.StartRun(Request("job-bookmark-enable"))).IsRefused);
    }

    [Fact]
    public async Task A_reset_while_a_run_is_going_stays()
    {
        await CreateJob();
        await Succeed("""{"ctx":1}""");
        var run = await StartRunning("job-bookmark-enable");

        await Job.ResetBookmark(null);
        await Commits(run, """{"ctx":2}""");

        await AssertStale(run, "Expected version 1 but found version 0.");
        Assert.Equal("{}", (await Bookmark()).State);
    }

    /// <summary>To where it was is still a change: the run's work lies after it, and would be counted as done.</summary>
    [Fact]
    public async Task A_rewind_to_the_very_state_a_run_has_read_is_noticed()
    {
        await CreateJob();
        var first = await Succeed("""{"ctx":1}""");
        var run = await StartRunning("job-bookmark-enable");

        await Job.ResetBookmark(first);
        await Commits(run, """{"ctx":2}""");

        await AssertStale(run, "Expected version 1 but found version 2.");
        Assert.Equal("""{"ctx":1}""", (await Bookmark()).State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_of_a_deleted_job_cannot_write_into_the_next_job_of_that_name(bool hadBookmark)
    {
        await CreateJob();
        if (hadBookmark)
            await Succeed("""{"ctx":1}""");
        var old = await StartRunning("job-bookmark-enable");
        await Job.Delete();
        await CreateJob();

        await Commits(old, """{"ctx":2}""");

        await AssertStale(old, "found version 0.");
        AssertNoBookmark(await Job.GetBookmark(null, null));
        Assert.Equal("{}", Input(await StartRunning("job-bookmark-enable")).State);
    }

    /// <summary>It may have been waiting for its launch all the while: what it would read then is not its own job's.</summary>
    [Fact]
    public async Task A_run_of_a_deleted_job_that_was_not_launched_yet_is_not_launched_with_the_next_jobs_bookmark()
    {
        await CreateJob(maxConcurrentRuns: 2);
        var run = await Read(await StartRunning("job-bookmark-enable"));
        var late = run with
        {
            Id = RunId.New(),
            Ordinal = 2,
            Version = 1,
            State = JobRunState.Starting,
            RunningSince = null,
            DueAt = Now.AddMinutes(2),
        };
        await Store.TryCreate(late, await Store.ClaimEpoch(run.Job));
        await Job.Delete();
        await CreateJob();

        await Run(late.Id).Wake();

        await Executor.Next(Asked.FailLaunch);
        Assert.Contains("was deleted before this run was launched", Executor.LaunchFailures[late.Id]);
    }

    [Fact]
    public async Task A_deleted_job_leaves_no_bookmark_and_its_runs_cannot_bring_one_back()
    {
        await CreateJob();
        await Succeed("""{"ctx":1}""");
        var run = await StartRunning("job-bookmark-enable");

        await Job.Delete();
        await Commits(run, """{"ctx":2}""");

        await AssertStale(run, "found version 0.");
        Assert.Empty(await Store.Bookmarks.List(Key, null, 10));
    }

    /// <summary>The crash between the definition and the bookmark; a new job may come before the upkeep does.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_deletion_that_broke_off_before_the_bookmark_is_made_up_for(bool byUpkeep)
    {
        await CreateJob();
        await Succeed("""{"ctx":1}""");
        var old = await StartRunning("job-bookmark-enable");
        Store.Bookmarks.FailNextDelete();
        await Assert.ThrowsAsync<StoreUnavailableException>(() => Job.Delete());
        Assert.NotEmpty(await Store.Bookmarks.List(Key, null, 10));

        if (byUpkeep)
        {
            await Job.SettleIndex();
            Assert.Empty(await Store.Bookmarks.List(Key, null, 10));
        }

        await CreateJob();
        AssertNoBookmark(await Job.GetBookmark(null, null));
        await Commits(old, """{"ctx":2}""");
        AssertNoBookmark(await Job.GetBookmark(null, null));
    }

    [Theory]
    [InlineData((int)Fault.BeforeWriting)]
    [InlineData((int)Fault.AfterWriting)]
    public async Task A_commit_whose_answer_was_lost_counts_once(int fault)
    {
        await CreateJob();
        await Succeed("""{"ctx":1}""");
        var run = await StartRunning("job-bookmark-enable");
        Store.FailNextSave((Fault)fault);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Commits(run, """{"ctx":2}"""));
        await Commits(run, """{"ctx":2}""");

        Assert.Equal((JobRunState.Succeeded, null), ((await Read(run)).State, (await Read(run)).ErrorMessage));
        Assert.Equal((2, run), ((await Bookmark()).Version, (await Bookmark()).RunId));
        Assert.Equal(2, (await Job.ListBookmarks(null, 10)).Value!.Count);
    }

    [Fact]
    public async Task A_bookmark_that_cannot_be_read_at_the_end_leaves_the_report_to_be_delivered_again()
    {
        await CreateJob();
        var run = await StartRunning("job-bookmark-enable");
        Store.Bookmarks.FailNextRead();

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Commits(run, """{"ctx":1}"""));
        Assert.Equal(JobRunState.Running, (await Read(run)).State);
        await Commits(run, """{"ctx":1}""");

        Assert.Equal(JobRunState.Succeeded, (await Read(run)).State);
        Assert.Equal("""{"ctx":1}""", (await Bookmark()).State);
    }

    /// <summary>Nobody calls again here: the run itself comes back to the launch it owes, long before its deadline.</summary>
    [Fact]
    public async Task A_bookmark_that_cannot_be_read_at_the_launch_only_delays_it()
    {
        await CreateJob();
        await Succeed("""{"ctx":1}""");
        Store.Bookmarks.FailNextRead(good: 1); // the start of the run reads it too

        var runId = (await Job.StartRun(Request("job-bookmark-enable"))).Value!;
        var launch = Executor.Next(Asked.Launch);
        for (var second = 0; second < 60 && !launch.IsCompleted; second++)
        {
            await Job.GetRun(runId);
            Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(runId, (await launch).Id);
        Assert.Equal("""{"ctx":1}""", Input(runId).State);
        Assert.Equal(JobRunState.Starting, (await Read(runId)).State);
    }

    private async Task AssertStale(string runId, string versions)
    {
        var run = await Read(runId);
        Assert.Equal(JobRunState.Failed, run.State);
        Assert.StartsWith(
            "Continuation update failed due to version mismatch.",
            run.ErrorMessage,
            StringComparison.Ordinal
        );
        Assert.Contains(versions, run.ErrorMessage, StringComparison.Ordinal);
    }
}
