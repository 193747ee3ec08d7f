using System.Diagnostics;
using GlueOrleans.Executors;
using GlueOrleans.Executors.Lease;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Executor;

/// <summary>guard.sh: with nobody else there to end the scripts.</summary>
public sealed class GuardTests : LeaseTest
{
    [Fact]
    public async Task The_guard_ends_the_scripts_of_a_node_that_died_and_not_before_their_time()
    {
        var node = await StartReady();
        var (run, pid) = await Running(node, Stubborn);
        await node.Kill();
        var killAt = new LeaseFile(RunsFolder).Read()!.KillAt;

        TimeSpan? endedAt = null;
        var (lookedAt, stoodStill) = (Uptime.Now(), TimeSpan.Zero);
        await Until(
            () =>
            {
                // Of a machine that stands still the guard can make nothing; that is what these looks see as well.
                var gap = Uptime.Now() - lookedAt;
                lookedAt += gap;
                if (gap > TimeSpan.FromSeconds(0.5))
                    stoodStill += gap;
                if (IsAlive(pid))
                    return false;
                endedAt = Uptime.Now();
                return true;
            },
            "the script is ended"
        );

        Assert.InRange(endedAt!.Value, killAt, killAt + TimeSpan.FromSeconds(1.5) + stoodStill);
        var exit = new RunDirectory(RunsFolder, run.Id);
        await Until(() => exit.ReadExit() is { ExitCode: 137 }, "its supervisor has recorded that");
        Assert.True(exit.IsFenced);
    }

    [Fact]
    public async Task What_has_left_the_scripts_group_is_ended_as_well_and_what_cleared_its_environment()
    {
        var escaped = ASignpost();
        var bare = ASignpost();
        var node = await StartReady();
        await Running(
            node,
            $"""
            import os, sys, time
            if os.fork() == 0:
                os.setsid()
                {escaped.Python.Trim().Replace("\n", "; ", StringComparison.Ordinal)}
                time.sleep(300)
            {bare.Python.Trim()}
            os.execve(sys.executable, ['python3', '-c', 'import time; time.sleep(300)'], {"{}"})
            """
        );
        var pids = new[] { await Written(escaped.File), await Written(bare.File) };
        await node.Kill();

        await Until(() => !pids.Any(IsAlive), "all processes are ended");
    }

    [Fact]
    public async Task In_a_cage_nothing_escapes_the_guard_by_forgetting_session_and_environment()
    {
        Cage();
        var node = await StartReady();
        var run = await Placed(
            node,
            """
            import os, sys
            if os.fork() == 0:
                os.setsid()
            os.execve(sys.executable, [sys.executable, '-c', 'import time; open("started", "w").close(); time.sleep(300)'], {})
            """
        );
        await node.Executor.Launch(run);
        await Reports.Next<RunReport.Launched>(run.Id);
        await Written(Path.Combine(DirectoryOf(run).Work, "started"));
        Assert.True(ProcessTree.Of([DirectoryOf(run)]).Any());
        await node.Kill();

        await Until(() => !ProcessTree.Lives(DirectoryOf(run)), "all processes of the run's user are ended");
        Assert.True(DirectoryOf(run).IsFenced);
    }

    [Fact]
    public async Task What_is_started_after_the_lease_is_ended_within_a_second_or_two()
    {
        var node = await StartReady();
        await node.Kill();
        await Until(() => Left < TimeSpan.Zero, "the lease is over");
        // A node that was paused between its last look at the lease and the start of the script.
        Tenure = NodeTenure.Endless(new("local", 1));
        var here = ASignpost();
        var run = ARun(here.Python + Stubborn);
        await AnExecutor().Launch(run);

        // How far it came until the guard looked is left to chance.
        await Until(
            () => DirectoryOf(run).ReadExit() is { ExitCode: 137 },
            "its supervisor has recorded that it was ended"
        );
        Assert.False(File.Exists(here.File) && IsAlive(await File.ReadAllTextAsync(here.File)));
    }

    [Fact]
    public async Task Of_guards_that_are_started_at_once_one_is_left_and_then_each_further_one_finds_it()
    {
        Vouch(TimeSpan.FromMinutes(5));

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(Guard.Ensure)));

        await Until(() => Guards() == 1, "one is left");
        Assert.Equal($"taken {Guard.Process!.Value.Pid}\n", await StartByHand());
        Assert.True(Guard.IsAlive);
    }

    [Fact]
    public async Task It_leaves_when_nothing_is_left_to_guard()
    {
        Vouch(TimeSpan.Zero);
        await Guard.Ensure();

        await Until(() => Guards() == 0, "it has left");
    }

    [Fact]
    public async Task It_leaves_when_the_folder_is_gone()
    {
        Vouch(TimeSpan.FromMinutes(5));
        await Guard.Ensure();

        Directory.Delete(RunsFolder, recursive: true);

        await Until(() => Guards() == 0, "it has left");
        Directory.CreateDirectory(RunsFolder);
    }

    /// <summary>As a node that has died since would have.</summary>
    private void Vouch(TimeSpan left)
    {
        var died = new ProcessIdentity(999_999_999, ProcessIdentity.Own().Start);
        var ends = Uptime.Now() + left;
        new LeaseFile(RunsFolder).Write(new LeaseNote(ends, ends, new(Name, 1), died));
    }

    /// <summary>How many guards of this folder live.</summary>
    private int Guards() =>
        Directory
            .EnumerateDirectories("/proc")
            .Count(process =>
            {
                try
                {
                    var words = File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
                    return words.Contains("guard") && words.Contains(Path.GetFullPath(RunsFolder));
                }
                catch (IOException)
                {
                    return false;
                }
                catch (UnauthorizedAccessException)
                {
                    return false;
                }
            });

    private async Task<string> StartByHand()
    {
        var environment = new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH")! };
        using var guard = Process.Start(
            Supervisor.Detached(
                "/bin/sh",
                [ShippedFiles.Guard, "guard", Path.GetFullPath(RunsFolder)],
                "/",
                environment
            )
        )!;
        return await guard.StandardOutput.ReadToEndAsync();
    }
}
