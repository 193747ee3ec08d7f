using System.Text.Json;
using GlueOrleans.Executors;
using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;
using Xunit;

namespace GlueOrleans.Tests.Executor;

/// <summary>What a script is told of the bookmark, and what becomes of what it commits.</summary>
public sealed class BookmarkTests : ExecutorTest
{
    private static readonly BookmarkInput Enabled = new(BookmarkMode.Enable, 7, 3, """{"ctx":"ü1"}""", null);

    [Fact]
    public async Task A_script_reads_the_bookmark_and_its_commit_comes_with_the_exit()
    {
        var run = AJob("print(job.get_bookmark('ctx'), job.get_bookmark('none', 5))\njob.set_bookmark('new', [1])");

        var exit = await Exit(run, Enabled);

        Assert.Equal("ü1 5\n", Output(run));
        Assert.Equal(
            (0, null, 7L, 3),
            (exit.ExitCode, exit.ErrorMessage, exit.Bookmark!.Revision, exit.Bookmark.Version)
        );
        AssertState("""{"ctx":"ü1","new":[1]}""", exit.Bookmark);
    }

    [Fact]
    public async Task A_later_commit_takes_the_place_of_an_earlier_one()
    {
        var run = AJob("job.set_bookmark('ctx', 2); job.commit(); job.set_bookmark('b', None)");

        AssertState("""{"ctx":2,"b":null}""", (await Exit(run, Enabled)).Bookmark);
    }

    [Fact]
    public async Task A_script_that_never_commits_reports_no_bookmark()
    {
        var run = ARun("from awsglue.job import Job\njob = Job(); job.init('nightly', {}); job.set_bookmark('ctx', 2)");

        var exit = await Exit(run, Enabled);

        Assert.Equal((0, null, null), (exit.ExitCode, exit.ErrorMessage, exit.Bookmark));
    }

    [Fact]
    public async Task A_script_that_fails_after_its_commit_reports_no_bookmark()
    {
        var run = AJob("job.set_bookmark('ctx', 2); job.commit(); raise SystemExit(3)");

        var exit = await Exit(run, Enabled);

        Assert.Equal((3, null), (exit.ExitCode, exit.Bookmark));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_script_may_not_commit_where_bookmarks_are_paused_or_disabled(bool paused)
    {
        var run = AJob("print(job.get_bookmark('ctx')); job.set_bookmark('ctx', 2)");

        var exit = await Exit(run, paused ? Enabled with { Mode = BookmarkMode.Pause } : null);

        Assert.Equal((0, null, null), (exit.ExitCode, exit.ErrorMessage, exit.Bookmark));
        Assert.Equal(paused ? "ü1\n" : "None\n", Output(run));
        Assert.False(File.Exists(CommitFile(run)));
    }

    /// <summary>Also when it knows where the file would be.</summary>
    [Fact]
    public async Task What_a_paused_script_puts_in_the_place_of_a_commit_does_not_count()
    {
        var run = ARun("open('bookmark-commit.json', 'w').write('{}')");

        Assert.Null((await Exit(run, Enabled with { Mode = BookmarkMode.Pause })).Bookmark);
    }

    [Fact]
    public async Task A_range_has_two_bounds_and_everything_else_one()
    {
        const string Script = "print(job.bookmark_bounds('ctx', 0), job.bookmark_bounds('none', 0))";
        var range = AJob(Script);
        var open = AJob(Script);

        await Exit(range, new BookmarkInput(BookmarkMode.Pause, 7, 3, """{"ctx":1}""", """{"ctx":2}"""));
        await Exit(open, new BookmarkInput(BookmarkMode.Enable, 7, 3, """{"ctx":1}""", null));

        Assert.Equal("(1, 2) (0, 0)\n", Output(range));
        Assert.Equal("(1, None) (0, None)\n", Output(open));
    }

    [Theory]
    [InlineData("open(f, 'wb').write(b'{\"a\":\"' + b'x' * (1 << 20) + b'\"}')", "more than 1048576 bytes")]
    [InlineData("open(f, 'w').write('[1]')", "a JSON Array, not an object")]
    [InlineData("open(f, 'w').write('{\"a\":')", "cannot be used")]
    [InlineData("open(f, 'wb').write(b'{\"a\":\"\\xff\"}')", "cannot be used")]
    [InlineData("open(f, 'w')", "cannot be used")]
    [InlineData("os.mkfifo(f)", "no regular file")]
    [InlineData("os.mkdir(f)", "directory")]
    public async Task A_commit_that_cannot_be_used_fails_the_run_with_the_reason(string commits, string reason)
    {
        var run = ARun($"import os\nf = os.environ['GLUE_ORLEANS_BOOKMARK_COMMIT']\n{commits}");

        var exit = await Exit(run, Enabled);

        Assert.Equal((0, null), (exit.ExitCode, exit.Bookmark));
        Assert.Contains(reason, exit.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commit_that_is_too_large_fails_in_the_script_where_the_remedy_is()
    {
        var run = AJob("job.set_bookmark('ctx', 'x' * (1 << 20))");

        var exit = await Exit(run, Enabled);

        Assert.Equal(1, exit.ExitCode);
        Assert.Contains("at most 1048576 can be committed", exit.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bookmark_of_the_largest_size_goes_through_both_ways()
    {
        var text = new string('x', BookmarkEntry.LongestState - """{"ctx":""}""".Length);
        var run = AJob($"job.set_bookmark('ctx', 'x' * {text.Length}); print(len(job.get_bookmark('ctx')))");

        var exit = await Exit(run, Enabled with { State = $$"""{"ctx":"{{text}}"}""" });

        Assert.Null(exit.ErrorMessage);
        Assert.Equal($"{text.Length}\n", Output(run));
        Assert.Equal(BookmarkEntry.LongestState, exit.Bookmark!.State.Length);
    }

    [Fact]
    public async Task A_commit_made_while_no_node_lived_is_found_by_the_next_one()
    {
        var here = ASignpost();
        var go = Path.Combine(Folder, "go");
        var run = AJob(
            here.Python + $"import time\nwhile not os.path.exists('{go}'): time.sleep(0.02)\njob.set_bookmark('ctx', 2)"
        );
        await using (var before = AnExecutor())
        {
            await before.Launch(run, Enabled);
            await Written(here.File);
        }

        await File.WriteAllTextAsync(go, "");
        await Until(() => new RunDirectory(RunsFolder, run.Id).ReadExit() is not null, "the exit is recorded");
        await AnExecutor().Resume(run);

        var exit = await Reports.Next<RunReport.Exited>(run.Id);
        Assert.Equal(7, exit.Bookmark!.Revision);
        AssertState("""{"ctx":2}""", exit.Bookmark);
    }

    [Fact]
    public async Task A_launch_that_is_repeated_does_not_change_what_the_script_was_told()
    {
        var here = ASignpost();
        var go = Path.Combine(Folder, "go");
        var run = AJob(
            here.Python
                + $"import time\nwhile not os.path.exists('{go}'): time.sleep(0.02)\nprint(open(os.environ['GLUE_ORLEANS_BOOKMARK_INPUT']).read())"
        );
        await using (var before = AnExecutor())
        {
            await before.Launch(run, Enabled);
            await Written(here.File);
        }

        await AnExecutor().Launch(run, new BookmarkInput(BookmarkMode.Enable, 9, 5, """{"ctx":"other"}""", null));
        await File.WriteAllTextAsync(go, "");

        Assert.Equal(7, (await Reports.Next<RunReport.Exited>(run.Id)).Bookmark!.Revision);
        Assert.DoesNotContain("other", Output(run), StringComparison.Ordinal);
    }

    /// <summary>A node that died between the two.</summary>
    [Fact]
    public async Task An_input_that_was_written_before_the_script_was_started_is_kept()
    {
        var run = AJob("print(job.get_bookmark('ctx'))");
        Directory.CreateDirectory(Path.Combine(RunsFolder, run.Id));
        new RunDirectory(RunsFolder, run.Id).Bookmark.Give(Enabled, []);

        var exit = await Exit(run, Enabled with { Revision = 8, State = """{"ctx":"later"}""" });

        Assert.Equal("ü1\n", Output(run));
        Assert.Equal(7, exit.Bookmark!.Revision);
    }

    [Fact]
    public async Task A_launch_that_is_ruled_out_runs_nothing_and_stays_so()
    {
        var proof = Path.Combine(Folder, "started");
        var run = ARun($"open('{proof}', 'w')");

        await AnExecutor().FailLaunch(run, "No such run.");
        var failed = await Reports.Next<RunReport.LaunchFailed>(run.Id);
        await AnExecutor().Launch(run, null);

        Assert.Equal("No such run.", failed.ErrorMessage);
        await Reports.Next<RunReport.LaunchFailed>(run.Id, seen: 1);
        Assert.False(File.Exists(proof));
    }

    [Fact]
    public async Task A_launch_that_has_happened_cannot_be_ruled_out()
    {
        var here = ASignpost();
        var run = ARun(here.Python);
        await using (var before = AnExecutor())
        {
            await before.Launch(run, null);
            await Written(here.File);
        }

        await AnExecutor().FailLaunch(run, "No such run.");

        Assert.Equal(0, (await Reports.Next<RunReport.Exited>(run.Id)).ExitCode);
        Assert.Empty(Reports.Of(run.Id).OfType<RunReport.LaunchFailed>());
    }

    [Theory]
    [InlineData("job.get_bookmark('a')", "RuntimeError: Job.get_bookmark() was called before Job.init()")]
    [InlineData("job.set_bookmark('a', 1)", "RuntimeError: Job.set_bookmark() was called before Job.init()")]
    [InlineData("job.init('n'); job.set_bookmark('', 1)", "ValueError: transformation_ctx must be a non-empty string")]
    [InlineData("job.init('n'); job.set_bookmark('a', {1})", "TypeError: Object of type set is not JSON serializable")]
    [InlineData("job.init('n'); job.set_bookmark('a', float('nan'))", "ValueError: Out of range float values")]
    [InlineData("job.init('n'); job.bookmark_bounds('a', None)", "ValueError: default must stand for the beginning")]
    public async Task A_misuse_is_said_where_it_happens(string script, string error)
    {
        var (_, _, printed) = await Python("-c", $"from awsglue.job import Job; job = Job(); {script}");

        Assert.Contains(error, printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_older_spelling_of_the_option_reaches_the_script_as_it_is()
    {
        var run = ARun(
            "import sys\nfrom awsglue.utils import getResolvedOptions\n"
                + "print(getResolvedOptions(sys.argv, [])['job_bookmark_option'])",
            settings =>
                settings with
                {
                    ScriptArguments = new Dictionary<string, string>
                    {
                        ["--continuation-option"] = "continuation-enabled",
                    },
                }
        );

        await Exit(run, Enabled);

        Assert.Equal("job-bookmark-enable\n", Output(run));
    }

    /// <summary>A script as they are: it begins its job, does this, and commits.</summary>
    private RunRecord AJob(string work) =>
        ARun($"from awsglue.job import Job\njob = Job(None)\njob.init('nightly', {{}})\n{work}\njob.commit()\n");

    private async Task<RunReport.Exited> Exit(RunRecord run, BookmarkInput? bookmark)
    {
        await AnExecutor().Launch(run, bookmark);
        return await Reports.Next<RunReport.Exited>(run.Id);
    }

    private string CommitFile(RunRecord run) => Path.Combine(RunsFolder, run.Id, "bookmark-commit.json");

    private static void AssertState(string expected, BookmarkCommit? actual)
    {
        using var wanted = JsonDocument.Parse(expected);
        using var got = JsonDocument.Parse(actual!.State);
        Assert.True(JsonElement.DeepEquals(wanted.RootElement, got.RootElement), actual.State);
    }
}
