using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

/// <summary>Restarts of streaming runs for maintenance. The test's clock begins on a Sunday, 2026-03-01, at midnight.</summary>
public sealed class StreamingTests : GlueCluster
{
    private static readonly JobSettings Streaming = Spark with
    {
        Command = new JobCommand { Name = "gluestreaming", ScriptLocation = "/x.py" },
        MaxRetries = 1,
    };

    [Fact]
    public async Task After_seven_days_a_run_is_drained_and_another_follows_at_once()
    {
        await CreateJob(JobName, Streaming);
        var first = await StartRunning();

        await Pass(TimeSpan.FromDays(7) - TimeSpan.FromMilliseconds(1), first);
        Assert.Equal(JobRunState.Running, (await Read(first)).State);
        await Pass(TimeSpan.FromMilliseconds(1), first);
        Assert.Equal(
            (JobRunState.Stopping, JobRunState.Expired),
            ((await Read(first)).State, (await Read(first)).EndsAs)
        );
        Assert.Contains((Asked.Drain, first), Executor.All);
        await StoppedByExecutor(first);

        Assert.Equal(JobRunState.Expired, (await Read(first)).State);
        var second = await Reaches($"{first}_restart_1", JobRunState.Starting);
        Assert.Equal((0, first), (second.Attempt, second.PreviousRunId));
    }

    [Fact]
    public async Task A_script_that_does_not_drain_is_stopped_after_fourteen_days()
    {
        await CreateJob(JobName, Streaming);
        var first = await StartRunning();
        await Pass(TimeSpan.FromDays(7), first);

        await Pass(TimeSpan.FromDays(7) - TimeSpan.FromMilliseconds(1), first);
        Assert.DoesNotContain((Asked.Stop, first), Executor.All);
        await Pass(TimeSpan.FromMilliseconds(1), first);

        Assert.Contains((Asked.Stop, first), Executor.All);
        await StoppedByExecutor(first);
        await Reaches($"{first}_restart_1", JobRunState.Starting);
    }

    [Fact]
    public async Task A_window_is_waited_for()
    {
        await CreateJob(JobName, Streaming with { MaintenanceWindow = "Tue:10" });
        var first = await StartRunning();

        // Seven days are over on a Sunday; the window opens on the Tuesday after it.
        await Pass(TimeSpan.FromDays(9) + TimeSpan.FromHours(10) - TimeSpan.FromMilliseconds(1), first);
        Assert.Equal(JobRunState.Running, (await Read(first)).State);
        await Pass(TimeSpan.FromMilliseconds(1), first);

        Assert.Equal(JobRunState.Expired, (await Read(first)).EndsAs);
    }

    [Fact]
    public async Task A_window_that_was_missed_is_not_made_up_for_before_the_last_day()
    {
        await CreateJob(JobName, Streaming with { MaintenanceWindow = "Tue:10" });
        var first = await StartRunning();

        var tooLate = TimeSpan.FromDays(9) + TimeSpan.FromHours(13) + TimeSpan.FromMilliseconds(1);
        await Pass(tooLate, first); // in one jump: nobody was there
        Assert.Equal(JobRunState.Running, (await Read(first)).State);
        await Pass(TimeSpan.FromDays(14) - tooLate, first);

        Assert.Equal(JobRunState.Expired, (await Read(first)).EndsAs);
    }

    [Fact]
    public async Task Restarts_are_counted_anew_in_each_attempt_and_use_none_up()
    {
        await CreateJob(JobName, Streaming);
        var first = await StartRunning();
        await Restart(first, $"{first}_restart_1");
        await Restart($"{first}_restart_1", $"{first}_restart_2");

        await Exited($"{first}_restart_2", exitCode: 1);
        await Job.Tend();
        Clock.Advance(TimeSpan.FromSeconds(30));
        await Reaches($"{first}_attempt_1", JobRunState.Starting);
        await Launched($"{first}_attempt_1");
        await Restart($"{first}_attempt_1", $"{first}_attempt_1_restart_1");

        Assert.Equal(1, (await Read($"{first}_attempt_1_restart_1")).Attempt);
    }

    [Fact]
    public async Task Who_stops_a_run_that_drains_does_not_want_another()
    {
        await CreateJob(JobName, Streaming);
        var first = await StartRunning();
        await Pass(TimeSpan.FromDays(7), first);

        await Job.StopRuns([first]);
        await StoppedByExecutor(first);

        var run = await Read(first);
        Assert.Equal((JobRunState.Stopped, null), (run.State, run.SuccessorDueAt));
    }

    [Fact]
    public async Task A_streaming_run_with_a_timeout_ends_by_it_and_is_not_restarted()
    {
        await CreateJob(JobName, Streaming with { Timeout = 60 });
        var first = await StartRunning();

        await Pass(TimeSpan.FromMinutes(60), first);
        await StoppedByExecutor(first);

        Assert.Equal(JobRunState.Timeout, (await Read(first)).State);
    }

    private async Task Restart(string runId, string nextId)
    {
        await Pass(TimeSpan.FromDays(7), runId);
        await StoppedByExecutor(runId);
        await Reaches(nextId, JobRunState.Starting);
        await Launched(nextId);
    }
}
