using GlueOrleans.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains;
using Xunit;

namespace GlueOrleans.Tests.Executor;

/// <summary>A node whose clock is a thousand days ahead of the wall's, and stands still.</summary>
public sealed class ClockTests : ExecutorTest
{
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(1000);

    public ClockTests()
    {
        Clock = new Standing(TimeProvider.System.GetUtcNow() + Ahead);
        Wall = new WallClock();
    }

    [Fact]
    public async Task What_is_seen_is_told_in_the_nodes_time_and_waited_for_in_the_walls()
    {
        var here = ASignpost();
        var run = ARun(
            "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                + here.Python
                + "import time\nwhile True: time.sleep(1)"
        );
        var executor = AnExecutor();
        await executor.Launch(run);
        Assert.Equal(Clock.GetUtcNow().InMilliseconds(), (await Reports.Next<RunReport.Launched>(run.Id)).At);
        await Written(here.File);

        // It ignores SIGTERM; that the grace period ends, although the node's clock stands, is what this waits for.
        await executor.Stop(run);

        Assert.Equal(Clock.GetUtcNow().InMilliseconds(), (await Reports.Next<RunReport.Exited>(run.Id)).At);
    }

    [Fact]
    public async Task What_is_read_from_files_is_told_in_the_nodes_time()
    {
        var run = ARun("");
        await Exit(run);
        var exit = new RunDirectory(RunsFolder, run.Id).ReadExit()!;

        await AnExecutor().Launch(run);

        var launched = await Reports.Next<RunReport.Launched>(run.Id, seen: 1);
        Assert.InRange(launched.At, exit.At + Ahead - TimeSpan.FromMinutes(1), exit.At + Ahead);
        Assert.Equal(exit.At + Ahead, (await Reports.Next<RunReport.Exited>(run.Id, seen: 1)).At);
    }

    private sealed class Standing(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            throw new InvalidOperationException("Nothing here may wait for the node's clock.");
    }

    private sealed class WallClock : IWallClock
    {
        public TimeProvider Time => TimeProvider.System;

        public double NodeSpeed => 600;

        public DateTimeOffset ToNode(DateTimeOffset wall) => wall + Ahead;
    }
}
