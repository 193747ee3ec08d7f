using GlueOrleans.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Executor;

/// <summary>Machines that lack what this one has.</summary>
public sealed class PlatformTests : ExecutorTest
{
    [Fact]
    public async Task Without_setsid_a_script_still_gets_a_session_of_its_own_and_can_be_stopped()
    {
        // A PATH with just what the supervisor needs, and an interpreter.
        var (_, interpreter, _) = await Python("-c", "import sys; print(sys.executable)");
        var bin = Directory.CreateDirectory(Path.Combine(Folder, "bin")).FullName;
        foreach (var program in new[] { "/bin/ln", "/bin/rm", interpreter.Trim() })
            File.CreateSymbolicLink(Path.Combine(bin, Path.GetFileName(program)), program);
        Options.Python = interpreter.Trim();
        Options.Environment["PATH"] = bin;
        var here = ASignpost("os.getsid(0) == os.getpid()");
        var run = ARun(here.Python + "import time; time.sleep(300)");
        Assert.Null(LaunchPlanner.Find("setsid", Options.Environment));
        var executor = AnExecutor();

        await executor.Launch(run);
        Assert.Equal("True", await Written(here.File));
        await executor.Stop(run);

        Assert.Equal(143, (await Reports.Next<RunReport.Exited>(run.Id)).ExitCode);
    }

    [Fact]
    public async Task A_process_whose_name_has_spaces_and_parentheses_is_identified()
    {
        var here = ASignpost();
        var run = ARun(
            "open('/proc/self/comm', 'w').write('a) S (b')\n" + here.Python + "import time; time.sleep(300)"
        );
        var executor = AnExecutor();
        await executor.Launch(run);
        await Written(here.File);

        var child = new RunDirectory(RunsFolder, run.Id).ReadChild();

        Assert.True(child is { IsAlive: true, IsOfEarlierBoot: false });
        Assert.False(child.Value with { Start = child.Value.Start + "0" } is { IsAlive: true });
    }

    [Fact]
    public async Task An_exit_is_recorded_in_place()
    {
        var run = ARun("raise SystemExit(3)");
        await Exit(run);

        Assert.Equal(
            "exited 3".PadRight(31) + "\n",
            await File.ReadAllTextAsync(Path.Combine(RunsFolder, run.Id, "exit"))
        );
    }
}
