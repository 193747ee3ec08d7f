using GlueOrleans.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Executor;

/// <summary>Scripts without a cage that put something else in the place of the files by which their run is kept.</summary>
public sealed class TrapTests : ExecutorTest
{
    private const string Secret = "SECRET of somebody else";

    [Theory]
    [InlineData("os.unlink('stdout.log'); os.symlink(secret, 'stdout.log')")]
    [InlineData("os.unlink('stdout.log'); os.mkfifo('stdout.log')")]
    [InlineData("os.unlink('stdout.log'); os.mkdir('stdout.log')")]
    [InlineData("os.unlink('stdout.log'); os.symlink('/dev/zero', 'stdout.log')")]
    [InlineData("here = os.getcwd(); os.rename(here, here + '-gone'); os.symlink(os.path.dirname(secret), here)")]
    public async Task What_is_in_the_place_of_a_log_is_neither_shown_nor_waited_for(string trap)
    {
        var elsewhere = Directory.CreateDirectory(Path.Combine(Folder, "elsewhere")).FullName;
        var secret = Path.Combine(elsewhere, "stdout.log");
        await File.WriteAllTextAsync(secret, Secret);
        var run = ARun($"import os, sys; secret = '{secret}'; print('x')\n{trap}\nsys.exit(3)");

        await Exit(run);

        Assert.Null(await Log(run));
        Assert.Equal(Secret, await File.ReadAllTextAsync(secret));
    }

    [Theory]
    [InlineData("os.unlink('stderr.log'); os.mkfifo('stderr.log')", 3)]
    [InlineData("os.unlink('stderr.log'); os.symlink(secret, 'stderr.log')", 3)]
    [InlineData("os.mkfifo('stop'); os.mkfifo('fenced'); os.mkfifo('limit'); os.mkfifo('run.uid')", 3)]
    [InlineData("os.unlink('child'); os.mkfifo('child')", 3)]
    [InlineData("os.unlink('claim'); os.mkfifo('claim')", 3)]
    [InlineData("os.unlink('exit'); os.mkfifo('exit')", -1)]
    [InlineData("os.unlink('exit'); os.mkdir('exit')", -1)]
    [InlineData("open('run.uid', 'w').write(str(os.getuid()))", 3)]
    [InlineData("open('child', 'wb').truncate(1 << 40)", 3)]
    [InlineData("open('claim', 'wb').truncate(1 << 40)", 3)]
    [InlineData("open('limit', 'wb').truncate(1 << 40)", 3)]
    [InlineData("os.chmod('.', 0); os.chmod('exit', 0) if os.getuid() == 0 else None", 3)]
    [InlineData("here = os.getcwd(); os.chdir('/'); shutil.rmtree(here)", -1)]
    [InlineData("here = os.getcwd(); shutil.rmtree(here); open(here, 'w').close()", -1)]
    public async Task A_script_that_changes_how_its_run_is_kept_comes_to_an_end_and_is_forgotten(
        string trap,
        int exitCode
    )
    {
        var secret = Path.Combine(Folder, "secret");
        await File.WriteAllTextAsync(secret, $"Traceback\n  File \"x\", line 1\n{Secret}Error: y\n");
        var run = ARun($"import os, shutil, sys; secret = '{secret}'\n{trap}\nsys.stdout.flush()\nos._exit(3)");
        var executor = AnExecutor();
        await executor.Launch(run);

        var exit = await Reports.Next<RunReport.Exited>(run.Id);

        Assert.Equal(exitCode, exit.ExitCode);
        Assert.DoesNotContain("SECRET", exit.ErrorMessage);
        await Until(() => executor.Forget(run.Id).Result, "the run is forgotten");
        Assert.False(Path.Exists(Path.Combine(RunsFolder, run.Id)));
        Assert.True(File.Exists(secret));
    }

    /// <summary>The next node reads what the script has left, and must not wait for it either.</summary>
    [Theory]
    [InlineData("os.unlink('claim'); os.mkfifo('claim')")]
    [InlineData("os.unlink('child'); os.mkfifo('child')")]
    [InlineData("os.unlink('exit'); os.mkfifo('exit')")]
    public async Task A_node_that_was_restarted_is_not_held_up(string trap)
    {
        var here = ASignpost();
        var run = ARun($"import os, time\n{trap}\n{here.Python}\ntime.sleep(300)");
        await using (var before = AnExecutor())
        {
            await before.Launch(run);
            await Written(here.File);
        }

        var next = AnExecutor();
        await next.Resume(run);
        await next.Stop(run);

        await Reports.Next<RunReport.Exited>(run.Id);
        Assert.Empty(ProcessTree.Marked(run.Id));
    }

    [Fact]
    public async Task Names_that_are_no_text_and_folders_deeper_than_a_path_are_forgotten_and_links_not_followed()
    {
        var outside = Directory.CreateDirectory(Path.Combine(Folder, "outside")).FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "kept"), "");
        var run = ARun(
            $"""
            import os
            open(b'\xff\xfe', 'w').close()
            open('new\nline', 'w').close()
            open('-rf', 'w').close()
            os.symlink('{outside}', 'link')
            for i in range(3000): open('file-%d' % i, 'w').close()
            for _ in range(500):
                os.mkdir('deep-' * 20)
                os.chdir('deep-' * 20)
            os.chmod('.', 0)
            """
        );
        var executor = AnExecutor();
        await executor.Launch(run);
        Assert.Equal(0, (await Reports.Next<RunReport.Exited>(run.Id)).ExitCode);

        await Until(() => executor.Forget(run.Id).Result, "the run is forgotten");

        Assert.Empty(Directory.EnumerateFileSystemEntries(RunsFolder));
        Assert.True(File.Exists(Path.Combine(outside, "kept")));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    [InlineData("")]
    public async Task What_is_no_id_of_a_run_is_no_directory(string id)
    {
        var run = ARunAt("x.py") with { Id = id };

        await Assert.ThrowsAsync<ArgumentException>(() => Log(run));
        await Assert.ThrowsAsync<ArgumentException>(() => AnExecutor().Forget(id));
    }

    private Task<RunLogPart?> Log(RunRecord run) =>
        new RunLogReader(Microsoft.Extensions.Options.Options.Create(Options)).Read(
            run,
            RunLog.Output,
            new RunLogRange { MaxEvents = 10, MaxBytes = 1 << 20 }
        );
}
