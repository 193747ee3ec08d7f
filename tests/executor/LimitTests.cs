using GlueOrleans.Executors;
using GlueOrleans.Executors.Cage;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Executor;

/// <summary>What a script may have: Executor:MemoryBytes, OpenFiles, FileBytes, LogBytes, DiskBytes.</summary>
public sealed class LimitTests : ExecutorTest
{
    private const int MiB = 1 << 20;

    [Fact]
    public async Task A_script_that_takes_more_memory_than_it_may_fails_with_a_MemoryError()
    {
        Options.MemoryBytes = 256 * MiB;

        var exit = await Exit(ARun($"x = bytearray({1 << 30})"));

        Assert.Equal((1, "MemoryError"), (exit.ExitCode, exit.ErrorMessage));
    }

    [Fact]
    public async Task A_script_cannot_open_more_files_nor_larger_ones_than_it_may_nor_leave_its_memory_on_the_disk()
    {
        Options.OpenFiles = 20;
        Options.FileBytes = 10_000;
        var run = ARun(
            """
            import resource, os
            print(*[resource.getrlimit(what) for what in (resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE)])
            with open("large", "wb") as file: file.write(b"x" * 20000)
            """
        );

        var exit = await Exit(run);

        Assert.Equal("(20, 20) (10000, 10000) (0, 0)\n", Output(run));
        Assert.Equal("OSError: [Errno 27] File too large", exit.ErrorMessage);
        Assert.Equal(10_000, new FileInfo(Path.Combine(RunsFolder, run.Id, "large")).Length);
    }

    [Theory]
    [InlineData("output")]
    [InlineData("error")]
    public async Task A_script_that_writes_an_endless_log_is_ended_and_its_run_says_for_what(string stream)
    {
        Options.LogBytes = MiB;
        var run = ARun(
            $"""
            import sys, time
            for _ in range(500):
                sys.{(stream == "output" ? "stdout" : "stderr")}.write("x" * 100000); time.sleep(0.02)
            """
        );

        var exit = await Exit(run);

        Assert.Equal((137, false), (exit.ExitCode, exit.AfterStop));
        Assert.Matches(
            $@"^The script was ended: it had written \d+ bytes to its standard {stream}, and may have 1048576 \(Executor:LogBytes\)\.$",
            exit.ErrorMessage
        );
    }

    [Fact]
    public async Task A_script_that_fills_its_directory_is_ended_with_what_it_started_and_the_next_node_knows_why()
    {
        Options.DiskBytes = 4 * MiB;
        var here = ASignpost();
        var run = ARun(
            here.Python
                + $"""
                import os, subprocess, time
                subprocess.Popen(["sleep", "300"], start_new_session=True)
                os.makedirs("a/b")
                for i in range(100):
                    with open(f"a/b/{"{i}"}", "wb") as file: file.write(b"x" * {MiB})
                    time.sleep(0.1)
                """
        );

        var exit = await Exit(run);

        Assert.Equal(137, exit.ExitCode);
        Assert.Matches(
            @"^The script was ended: its directory held \d+ bytes, and may have 4194304 \(Executor:DiskBytes\)\.$",
            exit.ErrorMessage
        );
        Assert.Empty(ProcessTree.Marked(run.Id));
        await AnExecutor().Resume(run);
        Assert.Equal(exit.ErrorMessage, (await Reports.Next<RunReport.Exited>(run.Id, seen: 1)).ErrorMessage);
    }

    /// <summary>Such as one whose folders are moved about all the time, under the hands of whoever counts.</summary>
    [Fact]
    public async Task A_directory_that_cannot_be_counted_time_and_again_has_passed_its_limit()
    {
        Options.DiskBytes = MiB;
        var gone = new RunDirectory(RunsFolder, "jr_gone");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        Assert.Equal(
            "The script was ended: what its directory held could not be counted, as it holds too much or changes too fast, "
                + "and may have 1048576 (Executor:DiskBytes).",
            await new LimitWatch(Options, TimeProvider.System).Passed(
                gone,
                new TaskCompletionSource().Task,
                limit.Token
            )
        );
    }

    [Fact]
    public async Task A_sparse_file_takes_no_disk_and_a_script_within_its_limits_is_left_alone()
    {
        Options.DiskBytes = 4 * MiB;
        Options.LogBytes = MiB;

        var exit = await Exit(
            ARun($"import time; open('sparse', 'wb').truncate({1L << 40}); print('x' * 1000); time.sleep(2.5)")
        );

        Assert.Equal((0, null), (exit.ExitCode, exit.ErrorMessage));
    }

    [Theory]
    [InlineData(nameof(ProcessExecutorOptions.MemoryBytes), 1)]
    [InlineData(nameof(ProcessExecutorOptions.Processes), -1)]
    [InlineData(nameof(ProcessExecutorOptions.OpenFiles), 3)]
    [InlineData(nameof(ProcessExecutorOptions.FileBytes), 1)]
    [InlineData(nameof(ProcessExecutorOptions.LogBytes), -1)]
    [InlineData(nameof(ProcessExecutorOptions.DiskBytes), 1000)]
    public void A_limit_that_nothing_could_run_in_is_refused_at_the_start(string setting, long value)
    {
        typeof(ProcessExecutorOptions).GetProperty(setting)!.SetValue(Options, value);

        var result = new ValidateProcessExecutorOptions().Validate(null, Options);

        Assert.StartsWith(
            $"Executor:{setting} is {value}: give at least ",
            result.FailureMessage,
            StringComparison.Ordinal
        );
    }
}
