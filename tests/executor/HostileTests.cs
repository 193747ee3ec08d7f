using GlueOrleans.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Executor;

/// <summary>
/// samples/hostile, beside a run that means no harm: whatever it tries, it harms only itself. It is bounded by itself, and by
/// limits that it has no part in.
/// </summary>
public sealed class HostileTests : ExecutorTest
{
    private const string Secret = "Password=of-the-database";

    /// <summary>In this process's environment, as in a node's.</summary>
    private const string SecretVariable = "Cluster__Database";

    [Fact]
    public async Task In_a_cage_it_gets_nothing_that_is_not_its_own()
    {
        Cage();
        Limit();
        var (executor, peer) = await Peer();
        MakeDataFolder(closed: true);
        var run = await Hostile(executor, peer, "environment,runs,data,traps,rubbish,memory,descriptors,daemon,forks");
        var uid = await UidOf(run);
        var exit = await Reports.Next<RunReport.Exited>(run.Id);

        Assert.True(exit.ExitCode == 0, exit.ErrorMessage);
        Assert.Equal(
            // What is its own: it may try to make processes, and one that has left its group is ended none the less.
            ["GOT a process that is in no group of this script"],
            Output(run).Split('\n').Where(line => line.StartsWith("GOT", StringComparison.Ordinal))
        );
        Assert.Contains("refused to read ", Output(run), StringComparison.Ordinal);
        Assert.Matches(@"refused \d+ MiB of memory", Output(run));
        Assert.Matches(@"refused \d+ open files", Output(run));
        Assert.Matches(@"refused \d+ processes", Output(run));
        Assert.DoesNotContain(uid, ProcessTree.Users());
        await AssertUnharmed(executor, peer, run);
    }

    [Fact]
    public async Task In_a_cage_it_reads_no_other_process()
    {
        Cage();
        Limit();
        var (executor, peer) = await Peer();
        var run = await Hostile(executor, peer, "processes");

        Assert.Equal(0, (await Reports.Next<RunReport.Exited>(run.Id)).ExitCode);

        Assert.DoesNotContain("GOT", Output(run), StringComparison.Ordinal);
        Assert.Contains($"refused /proc/{Environment.ProcessId}/environ: Permission denied", Output(run));
        Assert.Contains($"refused a signal to {Environment.ProcessId}: Operation not permitted", Output(run));
    }

    [Theory]
    [InlineData("disk", "Executor:DiskBytes")]
    [InlineData("log", "Executor:LogBytes")]
    public async Task In_a_cage_what_it_fills_is_its_own_quota(string attack, string setting)
    {
        Cage();
        Limit();
        Options.FileBytes = 0;
        await AssertEndedFor(attack, setting);
    }

    /// <summary>As the node's user it can do what that one can; but the node goes on, and so do the others.</summary>
    [Fact]
    public async Task Without_a_cage_the_node_and_other_runs_go_on()
    {
        Limit();
        Options.Processes = 0; // of this process's user, who may have many
        Environment.SetEnvironmentVariable(SecretVariable, Secret);
        var (executor, peer) = await Peer();
        var run = await Hostile(executor, peer, "environment,traps,rubbish,memory,descriptors,forks");

        Assert.Equal(0, (await Reports.Next<RunReport.Exited>(run.Id)).ExitCode);

        Assert.Empty(ProcessTree.Marked(run.Id));
        await AssertUnharmed(executor, peer, run);
    }

    [Theory]
    [InlineData("disk", "Executor:DiskBytes")]
    [InlineData("log", "Executor:LogBytes")]
    public async Task Without_a_cage_what_it_fills_is_its_own_quota(string attack, string setting)
    {
        Limit();
        Options.FileBytes = 0;
        Options.Processes = 0;
        await AssertEndedFor(attack, setting);
    }

    private async Task AssertEndedFor(string attack, string setting)
    {
        var (executor, peer) = await Peer();
        var run = await Hostile(executor, peer, attack);

        var exit = await Reports.Next<RunReport.Exited>(run.Id);

        Assert.Equal(137, exit.ExitCode);
        Assert.Contains($"({setting})", exit.ErrorMessage, StringComparison.Ordinal);
        await AssertUnharmed(executor, peer, run);
    }

    private void Limit()
    {
        Options.MemoryBytes = 512 << 20;
        Options.Processes = 40;
        Options.OpenFiles = 256;
        Options.FileBytes = 32 << 20;
        Options.LogBytes = 8 << 20;
        Options.DiskBytes = 16 << 20;
        Options.StopGrace = TimeSpan.FromMilliseconds(200);
    }

    /// <summary>A run that has something to lose, and waits.</summary>
    private async Task<(ProcessExecutor Executor, RunRecord Run)> Peer()
    {
        var executor = AnExecutor();
        var run = ARun(
            """
            import os, time
            open('mine', 'w').write('unharmed')
            print('started', flush=True)
            while not os.path.exists('go'): time.sleep(0.02)
            print(open('mine').read())
            """
        );
        await executor.Launch(run);
        await Reports.Next<RunReport.Launched>(run.Id);
        await Written(Path.Combine(DirectoryOf(run).Work, "mine"));
        return (executor, run);
    }

    private async Task<RunRecord> Hostile(ProcessExecutor executor, RunRecord peer, string attacks)
    {
        var script = Path.Combine(SampleTests.Checkout(), "samples", "hostile", "hostile.py");
        var run = ARun(
            await File.ReadAllTextAsync(script),
            settings =>
                settings with
                {
                    ScriptArguments = new Dictionary<string, string>
                    {
                        ["--attacks"] = attacks,
                        ["--most"] = "64",
                        ["--peer"] = peer.Id,
                    },
                }
        );
        await executor.Launch(run);
        await Reports.Next<RunReport.Launched>(run.Id);
        return run;
    }

    private async Task AssertUnharmed(ProcessExecutor executor, RunRecord peer, RunRecord hostile)
    {
        // The node answers: it runs another script, and forgets the one that did its worst.
        var next = ARun("print('well')");
        await executor.Launch(next);
        Assert.Equal(0, (await Reports.Next<RunReport.Exited>(next.Id)).ExitCode);
        await Until(() => executor.Forget(hostile.Id).Result, "the hostile run is forgotten");
        Assert.False(Path.Exists(Path.Combine(RunsFolder, hostile.Id)));

        await File.WriteAllTextAsync(Path.Combine(DirectoryOf(peer).Work, "go"), "");
        Assert.Equal(0, (await Reports.Next<RunReport.Exited>(peer.Id)).ExitCode);
        Assert.Equal("started\nunharmed\n", Output(peer));
    }

    /// <summary>What a node has there; a node's umask keeps them to itself.</summary>
    private void MakeDataFolder(bool closed)
    {
        foreach (var name in new[] { "runs.db", "grains.db", "node.id", "events.jsonl", "runs/lease" })
        {
            var file = Path.Combine(Folder, name);
            File.WriteAllText(file, Secret);
            if (closed)
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private async Task<int> UidOf(RunRecord run)
    {
        await Until(() => DirectoryOf(run).Uid is not null, "it has a user");
        return DirectoryOf(run).Uid!.Value;
    }
}
