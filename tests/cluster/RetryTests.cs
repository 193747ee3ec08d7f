using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

/// <summary>What follows a run that has failed.</summary>
public sealed class RetryTests() : GlueCluster(silos: 2)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Each_failure_is_retried_after_thirty_seconds_as_often_as_the_job_says()
    {
        await CreateJob(JobName, Shell with { MaxRetries = 2 });
        var first = await Start();
        await Exited(first, exitCode: 1);
        await Job.Tend();
        Clock.Advance(Pause - TimeSpan.FromMilliseconds(1));
        await Job.Tend();
        Assert.Single((await Job.ListRuns(null, 10)).Value!);

        Clock.Advance(TimeSpan.FromMilliseconds(1));
        var second = await Reaches($"{first}_attempt_1", JobRunState.Starting);
        Assert.Equal((1, first), (second.Attempt, second.PreviousRunId));
        Assert.Equal(Pause, second.StartedOn - (await Read(first)).CompletedOn);

        await Exited(second.Id, exitCode: 1);
        await Job.Tend();
        Clock.Advance(Pause);
        var third = await Reaches($"{first}_attempt_2", JobRunState.Starting);
        Assert.Equal((2, second.Id), (third.Attempt, third.PreviousRunId));

        await Exited(third.Id, exitCode: 1);
        Assert.Null((await Read(third.Id)).SuccessorDueAt);
    }

    [Fact]
    public async Task A_run_that_did_not_launch_or_vanished_has_failed_too()
    {
        await CreateJob(JobName, Shell with { MaxRetries = 1 }, maxConcurrentRuns: 2);
        var unlaunched = await Start();
        await Run(unlaunched).Report(new RunReport.LaunchFailed { At = Now, ErrorMessage = "no script" });
        var vanished = await Start();
        await Launched(vanished);
        await Exited(vanished, exitCode: -1);

        Assert.Equal(Now + Pause, (await Read(unlaunched)).SuccessorDueAt);
        Assert.Equal(Now + Pause, (await Read(vanished)).SuccessorDueAt);
    }

    [Fact]
    public async Task Success_a_stop_and_a_timeout_are_final()
    {
        await CreateJob(JobName, Shell with { MaxRetries = 1, Timeout = 5 }, maxConcurrentRuns: 5);
        var succeeded = await Start();
        await Exited(succeeded);
        var stopped = await Start();
        await Job.StopRuns([stopped]);
        await StoppedByExecutor(stopped);
        var failedAfterStop = await Start();
        await Job.StopRuns([failedAfterStop]);
        await Exited(failedAfterStop, exitCode: 1);
        var late = await Start();
        await Launched(late);
        await Pass(TimeSpan.FromMinutes(5), late);
        await StoppedByExecutor(late);

        foreach (
            var (id, state) in (List<(string, JobRunState)>)
                [
                    (succeeded, JobRunState.Succeeded),
                    (stopped, JobRunState.Stopped),
                    (failedAfterStop, JobRunState.Failed),
                    (late, JobRunState.Timeout),
                ]
        )
        {
            var run = await Read(id);
            Assert.Equal((state, null), (run.State, run.SuccessorDueAt));
        }
    }

    [Fact]
    public async Task A_retry_that_is_owed_survives_the_death_of_everything()
    {
        await CreateJob(JobName, Shell with { MaxRetries = 1 });
        var first = await Start();
        await Exited(first, exitCode: 1);
        await KillAll();

        Clock.Advance(Pause);
        await Sweeps();

        await Reaches($"{first}_attempt_1", JobRunState.Starting);
    }

    [Fact]
    public async Task A_retry_of_a_deleted_job_is_recorded_as_an_error()
    {
        await CreateJob(JobName, Shell with { MaxRetries = 1 });
        var first = await Start();
        await Exited(first, exitCode: 1);
        await Job.Delete();
        await Job.Tend();

        Clock.Advance(Pause);

        var retry = await Reaches($"{first}_attempt_1", JobRunState.Error);
        Assert.Equal(first, retry.PreviousRunId);
        Assert.Null((await Read(first)).SuccessorDueAt);
        Assert.Null(retry.SuccessorDueAt);
    }

    [Theory]
    [InlineData((int)Fault.BeforeWriting)]
    [InlineData((int)Fault.AfterWriting)]
    public async Task A_retry_whose_creation_is_in_doubt_comes_once(int fault)
    {
        await CreateJob(JobName, Shell with { MaxRetries = 1 });
        var first = await Start();
        await Exited(first, exitCode: 1);
        await Job.Tend();
        Store.FailNextCreate((Fault)fault);
        Clock.Advance(Pause);
        await Store.Failed();

        await Job.Tend();
        await Reaches($"{first}_attempt_1", JobRunState.Starting);
        await Exited($"{first}_attempt_1");

        Assert.Equal(2, (await Job.ListRuns(null, 10)).Value!.Count);
        Assert.False((await Job.StartRun(new StartRun())).IsRefused);
    }

    [Fact]
    public async Task A_flex_retry_without_spare_capacity_keeps_no_other_retry_waiting()
    {
        Limits.FlexDpus = 2;
        await CreateJob(JobName, Spark with { MaxRetries = 1 }, maxConcurrentRuns: 5);
        var flex = await Start(JobName, new StartRun { ExecutionClass = "FLEX" });
        await Exited(flex, exitCode: 1);
        Clock.Advance(TimeSpan.FromSeconds(1));
        var standard = await Start();
        await Exited(standard, exitCode: 1);
        await Start(JobName, new StartRun { ExecutionClass = "FLEX" });

        Clock.Advance(Pause);
        await Job.Tend();

        Assert.Null(await Row($"{flex}_attempt_1"));
        Assert.Equal(JobRunState.Starting, (await Row($"{standard}_attempt_1"))!.State);
    }
}
