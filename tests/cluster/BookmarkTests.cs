using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;
using GlueOrleans.Tests.Support;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

/// <summary>A job's bookmark through its runs: who reads what, and who may write.</summary>
public sealed class BookmarkTests : BookmarkCluster
{
    [Fact]
    public async Task A_run_reads_what_the_run_before_it_committed()
    {
        await CreateJob();

        var first = await StartRunning("job-bookmark-enable");
        Assert.Equal(("{}", 0, null), (Input(first).State, Input(first).Version, Input(first).UpTo));
        await Commits(first, """{"ctx":1}""");
        var second = await StartRunning("job-bookmark-enable");
        Assert.Equal(("""{"ctx":1}""", 1), (Input(second).State, Input(second).Version));
        await Commits(second, """{"ctx":2}""");

        var entry = await Bookmark();
        Assert.Equal((2, 2, 0), (entry.Version, entry.Run, entry.Attempt));
        Assert.Equal((second, first, """{"ctx":2}"""), (entry.RunId, entry.PreviousRunId, entry.State));
        Assert.Equal(first, (await Job.GetBookmark(null, 1)).Value!.RunId);
        Assert.Equal(1, (await Job.GetBookmark(first, null)).Value!.Version);
        Assert.Equal([second, first], (await Job.ListBookmarks(null, 10)).Value!.Select(e => e.RunId));
    }

    [Fact]
    public async Task A_run_that_disables_bookmarks_neither_reads_nor_writes()
    {
        await CreateJob();
        await Succeed("""{"ctx":1}""");

        var run = await StartRunning("job-bookmark-disable");
        Assert.Null(Executor.Bookmarks[run]);
        await Commits(run, """{"ctx":9}""", revision: 2);

        Assert.Equal(JobRunState.Succeeded, (await Read(run)).State);
        Assert.Equal("""{"ctx":1}""", (await Bookmark()).State);
    }

    [Fact]
    public async Task A_paused_run_reads_and_never_writes()
    {
        await CreateJob();
        await Succeed("""{"ctx":1}""");

        var run = await StartRunning("job-bookmark-pause");
        Assert.Equal((BookmarkMode.Pause, """{"ctx":1}"""), (Input(run).Mode, Input(run).State));
        await Commits(run, """{"ctx":9}""");

        Assert.Equal(JobRunState.Succeeded, (await Read(run)).State);
        Assert.Equal("""{"ctx":1}""", (await Bookmark()).State);
    }

    [Fact]
    public async Task A_range_is_what_two_runs_left()
    {
        await CreateJob();
        var first = await Succeed("""{"ctx":1}""");
        var second = await Succeed("""{"ctx":2}""");
        await Succeed("""{"ctx":3}""");

        var run = await StartRunning("job-bookmark-pause", first, second);

        Assert.Equal(("""{"ctx":1}""", """{"ctx":2}"""), (Input(run).State, Input(run).UpTo));
    }

    [Fact]
    public async Task A_range_between_unknown_runs_is_refused_at_the_start()
    {
        await CreateJob();
        var known = await Succeed("{}");

        var from = await Job.StartRun(Request("job-bookmark-pause", "jr_nobody", known));
        var to = await Job.StartRun(Request("job-bookmark-pause", known, "jr_nobody"));

        Assert.Equal(RefusalKind.InvalidInput, from.Refusal?.Kind);
        Assert.Contains("--job-bookmark-from 'jr_nobody'", from.Refusal?.Message, StringComparison.Ordinal);
        Assert.Contains("--job-bookmark-to 'jr_nobody'", to.Refusal?.Message, StringComparison.Ordinal);
        Assert.Single((await Job.ListRuns(null, 10)).Value!);
    }

    [Fact]
    public async Task A_range_whose_runs_are_forgotten_between_start_and_launch_fails_the_run()
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
            Settings = run.Settings with
            {
                ScriptArguments = Request("job-bookmark-pause", "jr_gone", "jr_gone").Arguments!,
            },
        };
        await Store.TryCreate(late, await Store.ClaimEpoch(run.Job));

        await Run(late.Id).Wake();

        await Executor.Next(Asked.FailLaunch);
        Assert.Contains("'jr_gone' names no run", Executor.LaunchFailures[late.Id], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, false, JobRunState.Failed)]
    [InlineData(0, true, JobRunState.Stopped)]
    public async Task A_run_that_does_not_succeed_leaves_the_bookmark_alone(int exitCode, bool stopped, JobRunState end)
    {
        await CreateJob();
        await Succeed("""{"ctx":1}""");
        var run = await StartRunning("job-bookmark-enable");
        if (stopped)
        {
            await Job.StopRuns([run]);
            await Executor.Next(Asked.Stop);
        }

        await Commits(run, """{"ctx":2}""", exitCode: exitCode, afterStop: stopped);

        Assert.Equal(end, (await Read(run)).State);
        Assert.Equal("""{"ctx":1}""", (await Bookmark()).State);
        Assert.Equal("""{"ctx":1}""", Input(await StartRunning("job-bookmark-enable")).State);
    }

    [Fact]
    public async Task A_run_that_commits_nothing_succeeds_and_moves_nothing()
    {
        await CreateJob();
        var run = await StartRunning("job-bookmark-enable");

        await Exited(run);

        Assert.Equal(JobRunState.Succeeded, (await Read(run)).State);
        AssertNoBookmark(await Job.GetBookmark(null, null));
    }

    [Fact]
    public async Task A_reset_makes_the_next_run_begin_with_nothing_and_counts_anew()
    {
        await CreateJob();
        await Succeed("""{"ctx":1}""");

        var reset = (await Job.ResetBookmark(null)).Value!;
        Assert.Equal(("{}", 0, 0, 0), (reset.State, reset.Version, reset.Run, reset.Attempt));
        Assert.Equal("{}", Input(await Succeed("""{"ctx":5}""")).State);

        Assert.Equal((1, 1), ((await Bookmark()).Version, (await Bookmark()).Run));
    }

    [Fact]
    public async Task A_rewind_makes_the_next_run_begin_where_that_run_ended()
    {
        await CreateJob();
        var first = await Succeed("""{"ctx":1}""");
        await Succeed("""{"ctx":2}""");

        var rewound = (await Job.ResetBookmark(first)).Value!;

        Assert.Equal((first, """{"ctx":1}""", 3), (rewound.RunId, rewound.State, rewound.Version));
        Assert.Equal("""{"ctx":1}""", Input(await StartRunning("job-bookmark-enable")).State);
    }

    [Fact]
    public async Task A_reset_that_comes_between_two_updates_is_decided_again()
    {
        await CreateJob();
        var first = await Succeed("""{"ctx":1}""");
        Store.Bookmarks.BeforeNextAppend = () => Store.Bookmarks.AppendIfUnchanged(Next());

        var reset = (await Job.ResetBookmark(first)).Value!;

        Assert.Equal(3, reset.Version);

        BookmarkEntry Next() =>
            new()
            {
                Job = Key,
                Revision = 3,
                Version = 2,
                Run = 2,
                Attempt = 0,
                State = "{}",
            };
    }

    [Fact]
    public async Task What_is_not_there_is_said_in_Glues_words()
    {
        Assert.Equal(
            new Refusal(RefusalKind.EntityNotFound, $"Job with name: {JobName} not found."),
            (await Job.GetBookmark(null, null)).Refusal
        );
        Assert.Equal(RefusalKind.EntityNotFound, (await Job.ListBookmarks(null, 10)).Refusal?.Kind);
        Assert.Equal(RefusalKind.EntityNotFound, (await Job.ResetBookmark(null)).Refusal?.Kind);

        await CreateJob();
        AssertNoBookmark(await Job.GetBookmark(null, null));
        AssertNoBookmark(await Job.ResetBookmark(null));
        Assert.Empty((await Job.ListBookmarks(null, 10)).Value!);

        await Succeed("{}");
        Assert.Contains(
            "jr_nobody",
            (await Job.GetBookmark("jr_nobody", null)).Refusal!.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("version 7", (await Job.GetBookmark(null, 7)).Refusal!.Message, StringComparison.Ordinal);
        Assert.Equal(RefusalKind.EntityNotFound, (await Job.ResetBookmark("jr_nobody")).Refusal?.Kind);
        Assert.Equal(RefusalKind.InvalidInput, (await Job.GetBookmark("jr_nobody", 7)).Refusal?.Kind);
    }
}
