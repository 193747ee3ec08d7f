using GlueOrleans.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Executor;

public sealed class StopTests : ExecutorTest
{
    [Fact]
    public async Task A_stopped_script_gets_sigterm_and_may_clean_up()
    {
        Options.StopGrace = TimeSpan.FromSeconds(30);
        var here = ASignpost();
        var run = ARun(
            "import signal, sys\n"
                + "def leave(*_): print('cleaned up'); sys.exit(5)\n"
                + "signal.signal(signal.SIGTERM, leave)\n"
                + here.Python
                + "signal.pause()"
        );
        var executor = AnExecutor();
        await executor.Launch(run);
        await Written(here.File);

        await executor.Stop(run);
        await executor.Stop(run);

        Assert.Equal(5, (await Reports.Next<RunReport.Exited>(run.Id)).ExitCode);
        Assert.Equal("cleaned up\n", Output(run));
    }

    [Fact]
    public async Task A_script_that_ignores_sigterm_is_killed_after_the_grace_period()
    {
        var here = ASignpost();
        var run = ARun(
            "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + here.Python + "time.sleep(300)"
        );
        var executor = AnExecutor();
        await executor.Launch(run);
        var pid = await Written(here.File);
        var start = TimeProvider.System.GetTimestamp();

        await executor.Stop(run);

        var exit = await Reports.Next<RunReport.Exited>(run.Id);
        Assert.Equal((137, "The script was ended by SIGKILL (signal 9)."), (exit.ExitCode, exit.ErrorMessage));
        // Timers count in whole milliseconds, and may so fire a little early.
        Assert.True(TimeProvider.System.GetElapsedTime(start) > Options.StopGrace - TimeSpan.FromMilliseconds(20));
        Assert.False(IsAlive(pid));
    }

    [Fact]
    public async Task A_stop_ends_children_that_ignore_sigterm_and_daemons_that_left_the_session()
    {
        var here = ASignpost("' '.join(map(str, pids))");
        var run = ARun(
            """
            import subprocess, signal, time
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            pids = [subprocess.Popen(["sleep", "300"], start_new_session=own).pid for own in (False, True)]
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

            """
                + here.Python
                + "time.sleep(300)"
        );
        var executor = AnExecutor();
        await executor.Launch(run);
        var pids = (await Written(here.File)).Split(' ');
        Assert.All(pids, pid => Assert.True(IsAlive(pid)));

        await executor.Stop(run);

        Assert.Equal(143, (await Reports.Next<RunReport.Exited>(run.Id)).ExitCode);
        Assert.All(pids, pid => Assert.False(IsAlive(pid)));
    }

    [Fact]
    public async Task A_script_that_has_stopped_its_supervisor_is_stopped_all_the_same()
    {
        Options.StopGrace = TimeSpan.FromMilliseconds(200);
        var executor = AnExecutor();
        var here = ASignpost();
        var run = ARun(
            "import os, signal, time; os.kill(os.getppid(), signal.SIGSTOP)\n" + here.Python + "time.sleep(300)"
        );
        await executor.Launch(run);
        await Written(here.File);

        await executor.Stop(run);

        Assert.True((await Reports.Next<RunReport.Exited>(run.Id)).AfterStop);
        Assert.Empty(ProcessTree.Marked(run.Id));
    }

    [Fact]
    public async Task A_run_stopped_before_its_launch_never_starts()
    {
        var proof = Path.Combine(Folder, "started");
        var run = ARun($"open('{proof}', 'w')");
        await AnExecutor().Stop(run);
        var exit = await Reports.Next<RunReport.Exited>(run.Id);
        Assert.Equal((-1, "The run was stopped before its script started."), (exit.ExitCode, exit.ErrorMessage));

        await AnExecutor().Launch(run);

        await Reports.Next<RunReport.Exited>(run.Id, seen: 1);
        Assert.False(File.Exists(proof));
        Assert.Empty(Reports.Of(run.Id).OfType<RunReport.Launched>());
    }

    [Fact]
    public async Task A_stop_after_a_restart_ends_the_process_of_before()
    {
        var here = ASignpost();
        var run = ARun(here.Python + "import time; time.sleep(300)");
        await using (var before = AnExecutor())
        {
            await before.Launch(run);
            await Written(here.File);
        }

        await AnExecutor().Stop(run);

        var exit = await Reports.Next<RunReport.Exited>(run.Id);
        Assert.Equal((143, true), (exit.ExitCode, exit.AfterStop));
    }

    [Fact]
    public async Task A_stop_that_a_dead_node_began_is_still_the_cause_of_the_exit_for_the_next_one()
    {
        var here = ASignpost();
        var run = ARun(
            "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + here.Python + "time.sleep(300)"
        );
        await using (var before = AnExecutor())
        {
            await before.Launch(run);
            await Written(here.File);
            await before.Stop(run);
            await Written(Path.Combine(RunsFolder, run.Id, "stop"));
        }

        var script = new RunDirectory(RunsFolder, run.Id).ReadChild()!.Value;
        Posix.Kill(script.Pid, Posix.Sigkill);
        await AnExecutor().Resume(run);

        var exit = await Reports.Next<RunReport.Exited>(run.Id);
        Assert.Equal((137, true), (exit.ExitCode, exit.AfterStop));
    }

    [Fact]
    public async Task A_stop_of_a_run_that_has_ended_reports_how_it_ended()
    {
        var run = ARun("raise SystemExit(4)");
        await Exit(run);

        await AnExecutor().Stop(run);

        var exit = await Reports.Next<RunReport.Exited>(run.Id, seen: 1);
        Assert.Equal((4, false), (exit.ExitCode, exit.AfterStop));
    }
}
