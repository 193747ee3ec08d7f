using System.Text.Json;
using GlueOrleans.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;
using Xunit;

namespace GlueOrleans.Tests.Executor;

/// <summary>Executor:Uids. As root only.</summary>
public sealed class CageTests : ExecutorTest
{
    private const string Forever = "import time; time.sleep(300)";

    [Fact]
    public async Task A_script_runs_as_nobody_else_with_no_rights_in_a_directory_of_its_own()
    {
        Cage();
        var run = ARun(
            """
            import json, os
            status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines() if ":" in line)
            open("own", "w").close()
            print(json.dumps({
                "ids": [os.getuid(), os.geteuid(), os.getgid(), os.getegid()], "groups": os.getgroups(),
                "rights": [status[name].strip() for name in ("CapInh", "CapPrm", "CapEff", "CapAmb", "NoNewPrivs")],
                "cwd": os.getcwd(), "home": [os.environ[name] for name in ("HOME", "TMPDIR")],
                "user": [os.environ[name] for name in ("USER", "LOGNAME")],
            }))
            open("/dev/stderr", "a").write("by name")
            """
        );

        var exit = await Exit(run);

        Assert.True(exit.ExitCode == 0, exit.ErrorMessage);
        using var printed = JsonDocument.Parse(Output(run));
        var said = printed.RootElement;
        var uid = said.GetProperty("ids")[0].GetInt32();
        Assert.InRange(uid, Options.Range!.Value.First, Options.Range.Value.Last);
        Assert.All(said.GetProperty("ids").EnumerateArray(), id => Assert.Equal(uid, id.GetInt32()));
        Assert.Empty(said.GetProperty("groups").EnumerateArray());
        var none = new string('0', 16);
        Assert.Equal(
            [none, none, none, none, "1"],
            said.GetProperty("rights").EnumerateArray().Select(right => right.GetString())
        );
        var work = Path.Combine(RunsFolder, run.Id, "work");
        Assert.Equal(work, said.GetProperty("cwd").GetString());
        Assert.All(said.GetProperty("home").EnumerateArray(), home => Assert.Equal(work, home.GetString()));
        Assert.All(said.GetProperty("user").EnumerateArray(), user => Assert.Equal($"{uid}", user.GetString()));
        Assert.Equal("by name", await File.ReadAllTextAsync(RunLogFiles.Of(RunsFolder, run.Id).StandardError));
    }

    [Fact]
    public async Task Runs_at_the_same_time_have_different_users_and_nothing_of_each_other()
    {
        Cage();
        var executor = AnExecutor();
        var here = await Started(executor, "import os; open('secret', 'w').write('x'); print('mine')\n" + Forever);
        var other = Path.Combine(RunsFolder, here.Id);
        var run = ARun(
            $"""
            import os
            def tries(what):
                try: what()
                except OSError as e: print(type(e).__name__)
                else: print("done")
            tries(lambda: os.listdir("{RunsFolder}"))
            tries(lambda: os.listdir("{other}"))
            tries(lambda: os.listdir("{other}/work"))
            tries(lambda: open("{other}/work/secret"))
            tries(lambda: open("{other}/work/script.py"))
            tries(lambda: open("{other}/stdout.log"))
            tries(lambda: open("{other}/stdout.log", "a"))
            tries(lambda: os.unlink("{other}/claim"))
            tries(lambda: os.kill({DirectoryOf(here).ReadChild()!.Value.Pid}, 0))
            tries(lambda: os.unlink("../claim"))
            tries(lambda: os.rename("../stdout.log", "x"))
            tries(lambda: open("../exit", "r+"))
            tries(lambda: open("../run.uid", "r+"))
            """
        );
        await executor.Launch(run);

        Assert.Equal(0, (await Reports.Next<RunReport.Exited>(run.Id)).ExitCode);

        Assert.Equal(Enumerable.Repeat("PermissionError", 13), Output(run).TrimEnd().Split('\n'));
        Assert.NotEqual(DirectoryOf(here).Uid, DirectoryOf(run).Uid);
    }

    [Fact]
    public async Task There_are_as_many_scripts_as_users_and_one_that_ended_leaves_its_user_but_not_its_files()
    {
        Cage(users: 1);
        Options.MaxRuns = 5;
        var executor = AnExecutor();
        var first = await Started(executor, "open('secret', 'w').write('x')\n" + Forever);
        var second = ARun(
            $"open('{RunsFolder}/{first.Id}/work/secret')" // the user is the same
        );

        await executor.Launch(second);
        Assert.Equal(
            "Waiting for a script of this node to end: it has 1 user ids for them (Executor:Uids).",
            (await Reports.Next<RunReport.NoRoom>(second.Id)).Limit
        );
        await executor.Stop(first);
        await Reports.Next<RunReport.Exited>(first.Id);
        await executor.Launch(second with { Version = 2 });

        var exit = await Reports.Next<RunReport.Exited>(second.Id);
        Assert.StartsWith("PermissionError", exit.ErrorMessage, StringComparison.Ordinal);
        Assert.Null(DirectoryOf(first).Uid);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.Combine(RunsFolder, first.Id))
        );
    }

    [Fact]
    public async Task A_node_that_was_restarted_knows_whose_the_users_are()
    {
        Cage(users: 2);
        Options.MaxRuns = 0;
        RunRecord first;
        await using (var before = AnExecutor())
            first = await Started(before, Forever);
        var next = AnExecutor();

        var second = await Started(next, Forever);

        Assert.NotEqual(DirectoryOf(first).Uid, DirectoryOf(second).Uid);
        var third = ARun("pass");
        await next.Launch(third);
        await Reports.Next<RunReport.NoRoom>(third.Id);
    }

    /// <summary>It was not there when they ended, and nobody asks it about them any more.</summary>
    [Fact]
    public async Task The_users_of_runs_that_nobody_asks_for_are_free_when_nothing_of_them_lives()
    {
        Cage(users: 1);
        RunRecord first;
        await using (var before = AnExecutor())
            first = await Started(before, Forever);
        Posix.Kill(DirectoryOf(first).ReadChild()!.Value.Pid, Posix.Sigkill);
        await Until(() => DirectoryOf(first).ReadExit() is not null, "the exit is recorded");

        var second = ARun("pass");
        await AnExecutor().Launch(second);

        Assert.Equal(0, (await Reports.Next<RunReport.Exited>(second.Id)).ExitCode);
    }

    [Fact]
    public async Task A_daemon_without_session_group_or_mark_ends_with_its_script()
    {
        Cage();
        var run = ARun(Daemon("ending"));
        Assert.Equal(0, (await Exit(run)).ExitCode);

        Assert.Empty(await ProcessesOf(run, "ending"));
    }

    /// <summary>It is never there when the signal comes that follows the look at it.</summary>
    [Theory]
    [InlineData("pass")]
    [InlineData("quick.kill(-1, 9)")]
    public async Task A_process_that_leaps_from_copy_to_copy_ends_with_its_script(string strikesBack)
    {
        Cage();
        var run = ARun(
            $"""
            import ctypes, os, signal, time
            quick = ctypes.CDLL(None)
            for _ in range(8):
                if os.fork() == 0:
                    os.setsid()
                    until = time.monotonic() + 60
                    while time.monotonic() < until:
                        if quick.fork(): quick._exit(0)
                        {strikesBack}
                    os._exit(0)
            time.sleep(0.2)
            """
        );
        var executor = AnExecutor();
        await executor.Launch(run);
        await Reports.Next<RunReport.Launched>(run.Id);
        var uid = DirectoryOf(run).Uid;
        await Reports.Next<RunReport.Exited>(run.Id);

        Assert.NotNull(uid);
        Assert.DoesNotContain(uid.Value, ProcessTree.Users());
    }

    [Fact]
    public async Task Nobody_can_put_on_the_mark_of_a_run_in_a_cage()
    {
        Cage();
        var executor = AnExecutor();
        var victim = ARun("print('done')");
        await Started(
            executor,
            $"import os, subprocess; subprocess.Popen(['sleep', '300'], env=dict(os.environ, GLUE_ORLEANS_RUN_ID='{victim.Id}'), start_new_session=True)\n"
                + Forever
        );

        Assert.Equal(0, (await Exit(victim)).ExitCode);

        Assert.NotEmpty(ProcessTree.Marked(victim.Id));
        Assert.False(ProcessTree.Lives(DirectoryOf(victim)));
        Assert.True(DirectoryOf(victim).TryRemove());
    }

    [Fact]
    public async Task A_script_of_processes_that_breed_is_ended_by_a_stop_and_others_are_not_hindered()
    {
        Cage();
        Options.Processes = 40;
        Options.StopGrace = TimeSpan.FromMilliseconds(100);
        var executor = AnExecutor();
        var run = await Started(
            executor,
            """
            import os, signal, time
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            until = time.monotonic() + 60
            while time.monotonic() < until:
                try:
                    if os.fork() == 0: os.setsid()
                except OSError: time.sleep(0.01)
            """
        );
        var uid = DirectoryOf(run).Uid!.Value;
        await Until(
            () => ProcessTree.Of([DirectoryOf(run)]).Count() == Options.Processes,
            "it has as many processes as it may"
        );
        var neighbour = ARun("import subprocess; print(subprocess.check_output(['echo', 'well']))");
        await executor.Launch(neighbour);
        Assert.Equal(0, (await Reports.Next<RunReport.Exited>(neighbour.Id)).ExitCode);

        await executor.Stop(run);

        Assert.True((await Reports.Next<RunReport.Exited>(run.Id)).AfterStop);
        Assert.DoesNotContain(uid, ProcessTree.Users());
    }

    [Fact]
    public async Task A_bookmark_goes_through_the_cage_both_ways()
    {
        Cage();
        var run = ARun(
            """
            from awsglue.job import Job
            job = Job(None)
            job.init('nightly', {})
            print(job.get_bookmark('ctx'))
            job.set_bookmark('ctx', 2)
            job.commit()
            """
        );
        await AnExecutor().Launch(run, new BookmarkInput(BookmarkMode.Enable, 7, 3, """{"ctx":1}""", null));

        var exit = await Reports.Next<RunReport.Exited>(run.Id);

        Assert.True(exit.ErrorMessage is null, exit.ErrorMessage);
        Assert.Equal("1\n", Output(run));
        Assert.Equal("""{"ctx":2}""", exit.Bookmark!.State);
    }

    [Theory]
    [InlineData("no", "give a first and a last user id")]
    [InlineData("0-10", "from 1000 on")]
    [InlineData("2000-1999", "give a first and a last user id")]
    [InlineData("1000-999999", "give a first and a last user id")]
    public void A_range_that_cannot_be_is_refused_at_the_start(string uids, string why)
    {
        Options.Uids = uids;

        Assert.Contains(why, new ValidateProcessExecutorOptions().Validate(null, Options).FailureMessage);
    }

    [Fact]
    public void A_runs_folder_that_users_cannot_get_to_is_refused_at_the_start()
    {
        Cage();
        File.SetUnixFileMode(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var result = new ValidateProcessExecutorOptions().Validate(null, Options);

        Assert.Contains($"cannot get into {RunsFolder}: let others pass", result.FailureMessage);
    }

    private async Task<RunRecord> Started(ProcessExecutor executor, string script)
    {
        var run = ARun("open('started', 'w').close()\n" + script);
        await executor.Launch(run);
        await Reports.Next<RunReport.Launched>(run.Id);
        await Written(Path.Combine(RunsFolder, run.Id, "work", "started"));
        return run;
    }

    /// <summary>Forks twice, leaves its session, forgets its environment and ignores SIGTERM; tells where it is in a file.</summary>
    private static string Daemon(string file) =>
        $$"""
            import os, signal, sys, time
            if os.fork() == 0:
                os.setsid()
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                if os.fork() == 0:
                    os.execve(sys.executable, [sys.executable, "-c",
                        "import os, time; open('{{file}}.draft', 'w').write(str(os.getpid())); "
                        "os.rename('{{file}}.draft', '{{file}}'); time.sleep(60)"], {})
                os._exit(0)
            os.wait()
            while not os.path.exists('{{file}}'): time.sleep(0.01)
            """;

    private async Task<IReadOnlyList<string>> ProcessesOf(RunRecord run, string file)
    {
        var pid = await File.ReadAllTextAsync(Path.Combine(RunsFolder, run.Id, "work", file));
        return IsAlive(pid) ? [pid] : [];
    }
}
