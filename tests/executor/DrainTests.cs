using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Executor;

/// <summary>A drain asks, and waits for as long as it takes; it never kills.</summary>
public sealed class DrainTests : ExecutorTest
{
    [Fact]
    public async Task A_drained_script_gets_sigterm_and_the_time_it_needs()
    {
        Options.StopGrace = TimeSpan.FromMilliseconds(1);
        var script = AStubbornScript();
        var executor = AnExecutor();
        await executor.Launch(script.Run);
        await Written(script.Ready);

        await executor.Drain(script.Run);
        await executor.Drain(script.Run);
        await Written(script.Asked);

        // A stop would have killed it long before: its grace period is a millisecond.
        var before = Lines(script.Run);
        await Until(() => Lines(script.Run) > before + 20, "it goes on with its work");
        await File.WriteAllTextAsync(script.Done, "");
        var exit = await Reports.Next<RunReport.Exited>(script.Run.Id);
        Assert.Equal((0, true), (exit.ExitCode, exit.AfterStop));
        Assert.EndsWith("asked 1\n", Output(script.Run), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_that_follows_is_not_so_patient()
    {
        Options.StopGrace = TimeSpan.FromMilliseconds(200);
        var script = AStubbornScript();
        var executor = AnExecutor();
        await executor.Launch(script.Run);
        await Written(script.Ready);
        await executor.Drain(script.Run);
        await Written(script.Asked);

        await executor.Stop(script.Run);

        var exit = await Reports.Next<RunReport.Exited>(script.Run.Id);
        Assert.Equal((137, true), (exit.ExitCode, exit.AfterStop));
    }

    [Fact]
    public async Task A_drain_that_a_dead_node_began_goes_on_with_the_next_one()
    {
        var script = AStubbornScript();
        await using (var before = AnExecutor())
        {
            await before.Launch(script.Run);
            await Written(script.Ready);
            await before.Drain(script.Run);
            await Written(script.Asked);
        }

        await AnExecutor().Drain(script.Run);
        await File.WriteAllTextAsync(script.Done, "");

        var exit = await Reports.Next<RunReport.Exited>(script.Run.Id);
        Assert.Equal((0, true), (exit.ExitCode, exit.AfterStop));
    }

    /// <summary>The node may have died between the row and the signal.</summary>
    [Fact]
    public async Task A_process_of_before_the_restart_is_drained()
    {
        var script = AStubbornScript();
        await using (var before = AnExecutor())
        {
            await before.Launch(script.Run);
            await Written(script.Ready);
        }

        await AnExecutor().Drain(script.Run);
        await Written(script.Asked);
        await File.WriteAllTextAsync(script.Done, "");

        Assert.True((await Reports.Next<RunReport.Exited>(script.Run.Id)).AfterStop);
    }

    [Fact]
    public async Task A_script_that_ended_while_no_node_lived_was_not_drained()
    {
        var run = ARun("raise SystemExit(4)");
        await Exit(run);

        await AnExecutor().Drain(run);

        var exit = await Reports.Next<RunReport.Exited>(run.Id, seen: 1);
        Assert.Equal((4, false), (exit.ExitCode, exit.AfterStop));
    }

    [Fact]
    public async Task A_run_drained_before_its_launch_never_starts()
    {
        var proof = Path.Combine(Folder, "started");
        var run = ARun($"open('{proof}', 'w')");
        await AnExecutor().Drain(run);
        Assert.Equal(-1, (await Reports.Next<RunReport.Exited>(run.Id)).ExitCode);

        await AnExecutor().Launch(run);

        await Reports.Next<RunReport.Exited>(run.Id, seen: 1);
        Assert.False(File.Exists(proof));
    }

    /// <summary>A script that works until a file says that it is done, and then says how often it was asked to end.</summary>
    private (RunRecord Run, string Ready, string Asked, string Done) AStubbornScript()
    {
        var ready = ASignpost();
        var asked = Path.Combine(Folder, $"{Guid.NewGuid():N}.asked");
        var done = Path.Combine(Folder, $"{Guid.NewGuid():N}.done");
        var run = ARun(
            $$"""
            import os, signal, time
            times = 0
            def ask(*_):
                global times
                times += 1
                open('{{asked}}', 'w').close()
            signal.signal(signal.SIGTERM, ask)

            """
                + ready.Python
                + $"""
                while not os.path.exists('{done}'):
                    print('working', flush=True)
                    time.sleep(0.02)
                print('asked', times)
                """
        );
        return (run, ready.File, asked, done);
    }

    private int Lines(RunRecord run) => Output(run).Count(c => c == '\n');
}
