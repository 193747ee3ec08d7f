using GlueOrleans.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Executor;

public sealed class RestartTests : ExecutorTest
{
    [Fact]
    public async Task A_process_of_before_the_restart_is_found_again_and_its_exit_reported()
    {
        var here = ASignpost();
        var go = Path.Combine(Folder, "go");
        var run = ARun(
            here.Python + $"import time\nwhile not os.path.exists('{go}'): time.sleep(0.02)\nraise SystemExit(6)"
        );
        await LaunchAndRestart(run, here.File);

        await AnExecutor().Resume(run);
        await File.WriteAllTextAsync(go, "");

        Assert.Equal(6, (await Reports.Next<RunReport.Exited>(run.Id)).ExitCode);
        Assert.Single(Reports.Of(run.Id).OfType<RunReport.Launched>());
    }

    [Fact]
    public async Task An_exit_while_no_node_lived_is_reported_with_the_time_it_happened()
    {
        var here = ASignpost();
        var run = ARun(here.Python + "import time; time.sleep(0.3); sql.run()");
        await LaunchAndRestart(run, here.File);
        var directory = new RunDirectory(RunsFolder, run.Id);
        var supervisor = Assert.IsType<Claim.Supervised>(directory.ReadClaim()).Supervisor;
        await Ended(supervisor);

        await AnExecutor().Resume(run);

        var exit = await Reports.Next<RunReport.Exited>(run.Id);
        Assert.Equal((1, "NameError: name 'sql' is not defined"), (exit.ExitCode, exit.ErrorMessage));
        Assert.Equal(directory.ReadExit()!.At, exit.At);
    }

    [Fact]
    public async Task A_supervisor_killed_under_a_living_node_ends_its_script_and_reports_an_unknown_exit()
    {
        var here = ASignpost();
        var run = ARun(here.Python + "import time; time.sleep(300)");
        await AnExecutor().Launch(run);
        var script = await Written(here.File);

        KillSupervisor(run);

        var exit = await Reports.Next<RunReport.Exited>(run.Id);
        Assert.Equal(-1, exit.ExitCode);
        Assert.Contains("vanished without recording an exit: it was killed from outside", exit.ErrorMessage);
        Assert.False(IsAlive(script));
    }

    [Fact]
    public async Task A_supervisor_killed_while_no_node_lived_leads_to_an_unknown_exit()
    {
        var here = ASignpost();
        var run = ARun(here.Python + "import time; time.sleep(300)");
        await LaunchAndRestart(run, here.File);
        KillSupervisor(run);

        await AnExecutor().Resume(run);

        Assert.Equal(-1, (await Reports.Next<RunReport.Exited>(run.Id)).ExitCode);
        Assert.False(IsAlive(await Written(here.File)));
    }

    [Fact]
    public async Task A_run_of_before_the_machine_restarted_is_told_from_a_process_with_its_pid()
    {
        var run = ARun("pass");
        var folder = Directory.CreateDirectory(Path.Combine(RunsFolder, run.Id)).FullName;
        var line = $"{Environment.ProcessId} linux:00000000-0000-0000-0000-000000000000:1\n";
        await File.WriteAllTextAsync(Path.Combine(folder, "claim"), line);
        await File.WriteAllTextAsync(Path.Combine(folder, "child"), line);

        await AnExecutor().Resume(run);

        var exit = await Reports.Next<RunReport.Exited>(run.Id);
        Assert.Equal(-1, exit.ExitCode);
        Assert.Contains("the machine was restarted", exit.ErrorMessage);
    }

    [Fact]
    public async Task A_run_that_was_never_launched_is_not_launched_after_its_resumption()
    {
        var proof = Path.Combine(Folder, "started");
        var run = ARun($"open('{proof}', 'w')");

        await AnExecutor().Resume(run);
        Assert.Equal(-1, (await Reports.Next<RunReport.Exited>(run.Id)).ExitCode);
        await AnExecutor().Launch(run);

        await Reports.Next<RunReport.Exited>(run.Id, seen: 1);
        Assert.False(File.Exists(proof));
    }

    [Fact]
    public async Task A_launch_that_failed_stays_failed()
    {
        var script = Path.Combine(Folder, "late.py");
        var run = ARunAt(script);
        var message = await LaunchFailure(run);
        await File.WriteAllTextAsync(script, "pass");

        await AnExecutor().Launch(run);
        await AnExecutor().Resume(run);

        Assert.Equal(message, (await Reports.Next<RunReport.LaunchFailed>(run.Id, seen: 1)).ErrorMessage);
        Assert.Equal(message, (await Reports.Next<RunReport.LaunchFailed>(run.Id, seen: 2)).ErrorMessage);
    }

    [Fact]
    public async Task Signals_to_the_supervisor_do_not_keep_it_from_recording_the_exit()
    {
        var here = ASignpost();
        var go = Path.Combine(Folder, "go");
        var run = ARun(
            here.Python + $"import time\nwhile not os.path.exists('{go}'): time.sleep(0.02)\nraise SystemExit(6)"
        );
        await AnExecutor().Launch(run);
        await Written(here.File);
        var supervisor = Assert.IsType<Claim.Supervised>(new RunDirectory(RunsFolder, run.Id).ReadClaim()).Supervisor;

        foreach (var signal in new[] { 1, 2, 3, 15 })
            Assert.True(Posix.Kill(supervisor.Pid, signal));
        await File.WriteAllTextAsync(go, "");

        Assert.Equal(6, (await Reports.Next<RunReport.Exited>(run.Id)).ExitCode);
    }

    private async Task LaunchAndRestart(RunRecord run, string signpost)
    {
        await using var before = AnExecutor();
        await before.Launch(run);
        await Reports.Next<RunReport.Launched>(run.Id);
        await Written(signpost);
    }

    private void KillSupervisor(RunRecord run)
    {
        var claim = Assert.IsType<Claim.Supervised>(new RunDirectory(RunsFolder, run.Id).ReadClaim());
        Assert.True(claim.Supervisor.IsAlive);
        Posix.Kill(claim.Supervisor.Pid, Posix.Sigkill);
    }

    private static async Task Ended(ProcessIdentity process)
    {
        using var never = new CancellationTokenSource();
        await new ProcessWatch(TimeProvider.System, never.Token).Gone(process).WaitAsync(TimeSpan.FromMinutes(2));
    }
}
