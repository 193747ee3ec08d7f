using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

public sealed class StopAndDeadlineTests : GlueCluster
{
    [Fact]
    public async Task A_stopped_run_is_stopping_until_its_process_is_gone()
    {
        await CreateJob(maxConcurrentRuns: 1);
        var runId = await StartRunning();

        Assert.Equal(StopRunResult.Submitted, (await Job.StopRuns([runId])).Single().Result);
        await Executor.Next(Asked.Stop);
        Assert.Equal(JobRunState.Stopping, (await Read(runId)).State);
        Assert.True((await Job.StartRun(new StartRun())).IsRefused, "the slot was given away while the process lived");

        await StoppedByExecutor(runId);
        var run = await Read(runId);
        Assert.Equal(JobRunState.Stopped, run.State);
        Assert.Equal("Job run stopped", run.ErrorMessage);
    }

    [Fact]
    public async Task Stopping_twice_is_the_same_as_stopping_once_and_an_ended_run_cannot_be_stopped()
    {
        await CreateJob();
        var runId = await StartRunning();

        var answers = await Job.StopRuns([runId, runId, "jr_unknown"]);
        Assert.Equal(
            [StopRunResult.Submitted, StopRunResult.Submitted, StopRunResult.NotFound],
            answers.Select(a => a.Result)
        );
        await Executor.Next(Asked.Stop);
        await StoppedByExecutor(runId);

        Assert.Equal(StopRunResult.AlreadyEnded, (await Job.StopRuns([runId])).Single().Result);
        Assert.Single(Executor.All, request => request.Asked == Asked.Stop);
    }

    [Fact]
    public async Task A_run_of_another_job_is_neither_stopped_nor_shown()
    {
        await CreateJob();
        var runId = await StartRunning();

        Assert.Equal(StopRunResult.NotFound, (await Grain("other").StopRuns([runId])).Single().Result);
        Assert.True((await Grain("other").GetRun(runId)).IsRefused);
    }

    [Fact]
    public async Task A_run_that_ended_by_itself_before_it_was_asked_to_stop_keeps_its_own_ending()
    {
        await CreateJob();
        var runId = await StartRunning();
        var exited = new RunReport.Exited { At = Now, ExitCode = 0 };
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Job.StopRuns([runId]);

        await Run(runId).Report(exited);

        Assert.Equal(JobRunState.Succeeded, (await Read(runId)).State);
    }

    [Fact]
    public async Task A_run_past_its_timeout_is_stopped_and_ends_as_timeout()
    {
        await CreateJob(timeout: 5);
        var runId = await StartRunning();

        await Pass(TimeSpan.FromMinutes(5) - TimeSpan.FromMilliseconds(1), runId);
        Assert.Equal(JobRunState.Running, (await Read(runId)).State);

        await Pass(TimeSpan.FromMilliseconds(1), runId);
        await Executor.Next(Asked.Stop);
        await StoppedByExecutor(runId);
        var run = await Read(runId);
        Assert.Equal(JobRunState.Timeout, run.State);
        Assert.Equal("Job run timed out after 5 minutes", run.ErrorMessage);
    }

    [Fact]
    public async Task A_run_that_does_not_launch_in_time_is_stopped_and_ends_as_failed()
    {
        await CreateJob();
        var runId = await Start();
        await Executor.Next(Asked.Launch);

        await Pass(TimeSpan.FromMinutes(2), runId);
        await Executor.Next(Asked.Stop);
        await Exited(runId, exitCode: -1);

        var run = await Read(runId);
        Assert.Equal(JobRunState.Failed, run.State);
        Assert.Contains("Runs:LaunchDeadline", run.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_that_is_never_confirmed_ends_at_its_deadline()
    {
        await CreateJob();
        var runId = await StartRunning();
        await Job.StopRuns([runId]);

        await Pass(TimeSpan.FromMinutes(2), runId);

        Assert.Equal(JobRunState.Stopped, (await Read(runId)).State);
    }

    [Fact]
    public async Task A_report_after_the_end_changes_nothing()
    {
        await CreateJob();
        var runId = await StartRunning();
        await Exited(runId, exitCode: 1);
        var ended = await Read(runId);

        await Exited(runId);
        await Launched(runId);

        var now = await Read(runId);
        Assert.Equal((ended.State, ended.Version, ended.ErrorMessage), (now.State, now.Version, now.ErrorMessage));
    }
}
