using GlueOrleans.Executors.Lease;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Executor;

/// <summary>Executor:MaxRuns.</summary>
public sealed class RoomTests : ExecutorTest
{
    private const string Forever = "import time; time.sleep(300)";

    [Fact]
    public async Task A_run_too_many_is_not_started_and_told_why_and_for_which_launch()
    {
        Options.MaxRuns = 1;
        var proof = Path.Combine(Folder, "started");
        var executor = AnExecutor();
        var first = ARun(Forever);
        var second = ARun($"open('{proof}', 'w')") with { Version = 7 };
        await executor.Launch(first);

        await executor.Launch(second);

        var report = await Reports.Next<RunReport.NoRoom>(second.Id);
        Assert.Equal(
            (7, "Waiting for a script of this node to end: it runs 1 at a time (Executor:MaxRuns)."),
            (report.Version, report.Limit)
        );
        await Reports.Next<RunReport.Launched>(first.Id);
        Assert.False(Directory.Exists(Path.Combine(RunsFolder, second.Id)));
        Assert.False(File.Exists(proof));
    }

    [Fact]
    public async Task Of_many_launches_at_once_as_many_start_as_there_is_room_for()
    {
        Options.MaxRuns = 3;
        var executor = AnExecutor();
        var runs = Enumerable.Range(0, 12).Select(_ => ARun(Forever)).ToList();

        await Task.WhenAll(runs.Select(run => Task.Run(() => executor.Launch(run))));

        foreach (var run in runs)
            await Reports.Next<RunReport>(run.Id);
        Assert.Equal(9, runs.Count(run => Reports.Of(run.Id) is [RunReport.NoRoom]));
        Assert.Equal(3, runs.Count(run => Reports.Of(run.Id) is [RunReport.Launched]));
    }

    [Fact]
    public async Task A_run_without_room_can_be_launched_later()
    {
        Options.MaxRuns = 1;
        var executor = AnExecutor();
        var first = ARun(Forever);
        var second = ARun("print('at last')");
        await executor.Launch(first);
        await Reports.Next<RunReport.Launched>(first.Id);
        await executor.Launch(second);
        await Reports.Next<RunReport.NoRoom>(second.Id);

        await executor.Stop(first);
        await Reports.Next<RunReport.Exited>(first.Id);
        await executor.Launch(second with { Version = 3 });

        Assert.Equal(0, (await Reports.Next<RunReport.Exited>(second.Id)).ExitCode);
        Assert.Equal("at last\n", Output(second));
        Assert.Single(Reports.Of(second.Id).OfType<RunReport.NoRoom>());
    }

    /// <summary>Whoever was told that there is no room has the run launched elsewhere.</summary>
    [Fact]
    public async Task A_launch_that_was_refused_is_not_granted_when_it_is_repeated()
    {
        Options.MaxRuns = 1;
        var executor = AnExecutor();
        var first = ARun(Forever);
        var second = ARun(Forever) with { Version = 7 };
        await executor.Launch(first);
        await executor.Launch(second);
        await Reports.Next<RunReport.NoRoom>(second.Id);
        await executor.Stop(first);
        await Reports.Next<RunReport.Exited>(first.Id);

        await executor.Launch(second);

        Assert.False(executor.Knows(second.Id));
        Assert.False(Directory.Exists(Path.Combine(RunsFolder, second.Id)));
    }

    [Fact]
    public async Task A_launch_that_came_before_the_lease_stays_refused_while_the_refusal_is_on_its_way()
    {
        Tenure = NodeTenure.None(static () => true);
        var executor = AnExecutor();
        var tenure = new ExecutorTenure("local", 1);
        var run = ARun(Forever) with { Executor = tenure };
        await executor.Launch(run);
        Tenure.Begin(tenure, TimeSpan.MaxValue);
        Tenure.Open();

        await executor.Launch(run);

        Assert.False(executor.Knows(run.Id));
        Assert.Equal(run.Version, (await Reports.Next<RunReport.NoRoom>(run.Id)).Version);
        await executor.Launch(run with { Version = run.Version + 2 });
        await Reports.Next<RunReport.Launched>(run.Id);
    }

    /// <summary>Who is told of the exit starts the next run before that is known to be delivered.</summary>
    [Fact]
    public async Task There_is_room_again_as_soon_as_an_exit_is_reported()
    {
        Options.MaxRuns = 1;
        var executor = AnExecutor();
        var second = ARun("pass");
        var first = ARun("pass");
        Reports.WhileDelivering = async (runId, report) =>
        {
            if (runId == first.Id && report is RunReport.Exited)
                await executor.Launch(second);
        };

        await executor.Launch(first);

        Assert.Equal(0, (await Reports.Next<RunReport.Exited>(second.Id)).ExitCode);
        Assert.Empty(Reports.Of(second.Id).OfType<RunReport.NoRoom>());
    }

    [Fact]
    public async Task A_run_that_was_started_before_always_fits()
    {
        var here = ASignpost();
        var old = ARun(here.Python + Forever);
        await using (var before = AnExecutor())
        {
            await before.Launch(old);
            await Reports.Next<RunReport.Launched>(old.Id);
            await Written(here.File);
        }

        Options.MaxRuns = 1;
        var executor = AnExecutor();
        var other = ARun(Forever);
        await executor.Launch(other);
        await Reports.Next<RunReport.Launched>(other.Id);

        // What a node that was killed just before it could store that the run is RUNNING does when it is back.
        await executor.Launch(old);
        await Reports.Next<RunReport.Launched>(old.Id, seen: 1);
        await executor.Launch(old);
        await executor.Stop(old);

        await Reports.Next<RunReport.Exited>(old.Id);
        Assert.Empty(Reports.Of(old.Id).OfType<RunReport.NoRoom>());
    }

    [Fact]
    public async Task A_launch_that_failed_takes_no_room()
    {
        Options.MaxRuns = 1;
        var executor = AnExecutor();
        var broken = ARunAt(Path.Combine(Folder, "missing.py"));
        await executor.Launch(broken);
        await Reports.Next<RunReport.LaunchFailed>(broken.Id);
        var run = ARun("pass");

        await executor.Launch(run);

        Assert.Equal(0, (await Reports.Next<RunReport.Exited>(run.Id)).ExitCode);
    }
}
