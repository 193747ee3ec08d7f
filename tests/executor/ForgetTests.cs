using GlueOrleans.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Executor;

public sealed class ForgetTests : ExecutorTest
{
    [Fact]
    public async Task A_run_that_is_over_is_deleted_with_all_that_its_script_has_left()
    {
        var outside = Directory.CreateDirectory(Path.Combine(Folder, "outside")).FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "kept"), "");
        var run = ARun(
            $"""
            import os
            os.makedirs('a/b')
            open('a/b/c', 'w').close()
            os.symlink('{outside}', 'link')
            os.symlink('/nowhere', 'broken')
            os.mkfifo('pipe')
            os.chmod('a/b', 0o500)
            os.chmod('a', 0o000)
            """
        );
        var executor = AnExecutor();
        await executor.Launch(run);
        await Reports.Next<RunReport.Exited>(run.Id);

        // In memory until its last report is known to be delivered.
        await Until(() => executor.Forget(run.Id).Result, "the run is forgotten");

        Assert.Empty(Directory.EnumerateFileSystemEntries(RunsFolder));
        Assert.True(File.Exists(Path.Combine(outside, "kept")));
        Assert.True(await executor.Forget(run.Id));
    }

    [Fact]
    public async Task A_run_whose_process_lives_is_not_deleted_by_this_node_or_the_next()
    {
        var here = ASignpost();
        var run = ARun(here.Python + "import time; time.sleep(300)");
        var executor = AnExecutor();
        await executor.Launch(run);
        await Written(here.File);

        Assert.False(await executor.Forget(run.Id));
        await executor.DisposeAsync();
        // This one has never heard of the run, and looks at the processes.
        Assert.False(await AnExecutor().Forget(run.Id));

        Assert.NotNull(new RunDirectory(RunsFolder, run.Id).ReadChild());
    }

    [Fact]
    public async Task A_process_that_has_left_its_session_keeps_the_directory()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Only Linux tells whose a process is.");
        var here = ASignpost();
        var run = ARun(here.Python + "import time; time.sleep(300)");
        var executor = AnExecutor();
        await executor.Launch(run);
        await Written(here.File);
        await executor.DisposeAsync();
        // As if supervisor and script were gone, and only a daemon of theirs left.
        File.Delete(Path.Combine(RunsFolder, run.Id, "claim"));
        File.Delete(Path.Combine(RunsFolder, run.Id, "child"));

        var next = AnExecutor();
        Assert.False(await next.Forget(run.Id));
        foreach (var pid in ProcessTree.Marked(run.Id))
            Posix.Kill(pid, Posix.Sigkill);

        await Until(() => next.Forget(run.Id).Result, "the run is forgotten");
        Assert.False(Directory.Exists(Path.Combine(RunsFolder, run.Id)));
    }

    [Fact]
    public async Task A_deletion_that_a_crash_cut_short_is_finished()
    {
        var run = await Over("");
        var folder = Path.Combine(RunsFolder, run.Id);
        Directory.Move(folder, folder + ".removed");
        File.Delete(Path.Combine(folder + ".removed", "claim"));

        Assert.True(await AnExecutor().Forget(run.Id));

        Assert.Empty(Directory.EnumerateFileSystemEntries(RunsFolder));
    }

    [Fact]
    public async Task What_never_was_is_forgotten_already()
    {
        Assert.True(await AnExecutor().Forget("jr_never"));
        await Assert.ThrowsAsync<ArgumentException>(() => AnExecutor().Forget("../outside"));
    }

    private async Task<RunRecord> Over(string script)
    {
        var run = ARun(script);
        await Exit(run);
        return run;
    }
}
