using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

/// <summary>What nobody is there to be refused with, and what is announced of runs that are late.</summary>
public sealed class TriggerAndDelayTests : GlueCluster
{
    private static readonly StartRun ByTrigger = new() { TriggerName = "hourly" };

    [Fact]
    public async Task A_trigger_at_the_jobs_limit_leaves_the_record_of_a_failure_that_is_not_retried()
    {
        await CreateJob(JobName, Shell with { MaxRetries = 1 });
        await Start();

        var run = await Read(await Start(JobName, ByTrigger));

        Assert.Equal((JobRunState.Failed, "Max concurrent runs exceeded"), (run.State, run.ErrorMessage));
        Assert.Equal(("hourly", null), (run.TriggerName, run.SuccessorDueAt));
        Assert.Contains(Events.AllEnded, ended => ended.Id == run.Id);
    }

    [Fact]
    public async Task A_trigger_at_its_accounts_limit_leaves_the_record_of_a_failure()
    {
        Limits.ConcurrentRuns = 1;
        await CreateJob(JobName, Shell, maxConcurrentRuns: 5);
        await Start();

        var run = await Read(await Start(JobName, ByTrigger));

        Assert.Equal(JobRunState.Failed, run.State);
        Assert.Contains("Limits:ConcurrentRuns", run.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trigger_of_a_job_with_a_full_queue_leaves_the_record_of_a_failure()
    {
        Limits.QueuedRuns = 0;
        await CreateJob(JobName, Shell with { JobRunQueuingEnabled = true });
        await Start();

        var run = await Read(await Start(JobName, ByTrigger));

        Assert.Equal(JobRunState.Failed, run.State);
        Assert.Contains("Limits:QueuedRuns", run.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trigger_of_a_deleted_job_leaves_the_record_of_an_error()
    {
        await CreateJob();
        await Job.Delete();

        var run = await Read(await Start(JobName, ByTrigger));

        Assert.Equal((JobRunState.Error, "hourly"), (run.State, run.TriggerName));
    }

    [Fact]
    public async Task A_trigger_may_queue_and_its_retries_name_it()
    {
        await CreateJob(JobName, Shell with { JobRunQueuingEnabled = true });
        await Start();

        var run = await Read(await Start(JobName, ByTrigger));

        Assert.Equal((JobRunState.Waiting, "hourly"), (run.State, run.TriggerName));
    }

    [Fact]
    public async Task A_late_run_is_announced_once_in_each_state()
    {
        await CreateJob(
            JobName,
            Shell with
            {
                NotificationProperty = new NotificationProperty { NotifyDelayAfter = 1 },
            }
        );
        var runId = await Start();
        await Pass(TimeSpan.FromMinutes(1) - TimeSpan.FromMilliseconds(1), runId);
        Assert.Empty(Events.AllDelayed);

        await Pass(TimeSpan.FromMilliseconds(1), runId);
        await Pass(TimeSpan.FromSeconds(10), runId);
        await Launched(runId);
        await Pass(TimeSpan.FromSeconds(10), runId);
        await Pass(TimeSpan.FromSeconds(10), runId);
        await Job.StopRuns([runId]);
        await Pass(TimeSpan.FromSeconds(10), runId);
        await Pass(TimeSpan.FromSeconds(10), runId);
        await StoppedByExecutor(runId);

        Assert.Equal(
            [JobRunState.Starting, JobRunState.Running, JobRunState.Stopping],
            Events.AllDelayed.Select(late => late.Run.State)
        );
        Assert.Single(Events.AllEnded);
    }

    [Fact]
    public async Task A_run_that_waits_is_not_late()
    {
        await CreateJob(
            JobName,
            Shell with
            {
                JobRunQueuingEnabled = true,
                NotificationProperty = new NotificationProperty { NotifyDelayAfter = 1 },
            }
        );
        await Start();
        var waits = await Start();

        await Pass(TimeSpan.FromMinutes(1.5), waits);

        Assert.DoesNotContain(Events.AllDelayed, late => late.Run.Id == waits);
    }
}
