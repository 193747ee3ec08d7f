using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

/// <summary>Job run queuing and FLEX, as a user sees them.</summary>
public sealed class QueueTests : GlueCluster
{
    private static readonly JobSettings Queued = Shell with { JobRunQueuingEnabled = true };

    [Theory]
    [InlineData(true, null, true)]
    [InlineData(true, false, false)]
    [InlineData(false, true, true)]
    [InlineData(null, null, false)]
    public async Task The_flag_of_the_run_beats_the_jobs(bool? ofJob, bool? ofRun, bool waits)
    {
        await CreateJob(JobName, Shell with { JobRunQueuingEnabled = ofJob });
        await Start();

        var second = await Job.StartRun(new StartRun { JobRunQueuingEnabled = ofRun });

        Assert.Equal(waits ? null : RefusalKind.ConcurrentRunsExceeded, second.Refusal?.Kind);
        if (waits)
            Assert.Equal(JobRunState.Waiting, (await Read(second.Value!)).State);
    }

    [Fact]
    public async Task Runs_wait_in_line_are_told_their_place_and_move_up()
    {
        await CreateJob(JobName, Queued);
        var runs = new List<string>();
        for (var i = 0; i < 4; i++)
            runs.Add(await Start());

        const string reason = "Waiting for a run of this job to end: its limit of concurrent runs is 1.";
        await HasDetail(runs[1], $"{reason} Position in the queue of the job: 1.");
        await HasDetail(runs[3], $"{reason} Position in the queue of the job: 3.");

        await Exited(runs[0]);
        await Reaches(runs[1], JobRunState.Starting);
        await HasDetail(runs[2], $"{reason} Position in the queue of the job: 1.");
        await HasDetail(runs[3], $"{reason} Position in the queue of the job: 2.");
        Assert.Null((await Read(runs[1])).StateDetail);

        await Exited(runs[1]);
        await Reaches(runs[2], JobRunState.Starting);
        Assert.Equal(JobRunState.Waiting, (await Read(runs[3])).State);
    }

    [Fact]
    public async Task A_run_that_waits_is_stopped_at_once_and_the_next_moves_up()
    {
        await CreateJob(JobName, Queued);
        var first = await Start();
        var second = await Start();
        var third = await Start();

        Assert.Equal(StopRunResult.Submitted, (await Job.StopRuns([second])).Single().Result);

        var stopped = await Read(second);
        Assert.Equal((JobRunState.Stopped, null), (stopped.State, stopped.RunningSince));
        Assert.EndsWith("queue of the job: 1.", (await Read(third)).StateDetail, StringComparison.Ordinal);
        await Exited(first);
        await Reaches(third, JobRunState.Starting);
        Assert.DoesNotContain(Executor.All, asked => asked.RunId == second);
    }

    [Fact]
    public async Task A_full_queue_takes_no_more()
    {
        Limits.QueuedRuns = 2;
        await CreateJob(JobName, Queued);
        for (var i = 0; i < 3; i++)
            await Start();

        var refused = await Job.StartRun(new StartRun());

        Assert.Equal(
            new Refusal(
                RefusalKind.ResourceNumberLimitExceeded,
                "Max queued job runs exceeded for your account: the limit is 2 (Limits:QueuedRuns)."
            ),
            refused.Refusal
        );
        Assert.Equal(3, (await Job.ListRuns(null, 10)).Value!.Count);
    }

    [Theory]
    [InlineData(1, 100, "concurrent job runs exceeded for your account: the limit is 1 (Limits:ConcurrentRuns)")]
    [InlineData(100, 3, "the run needs 2 DPUs, the limit is 3 (Limits:TaskDpus)")]
    public async Task Over_a_limit_of_the_account_a_run_is_refused_or_waits(int runs, int dpus, string text)
    {
        (Limits.ConcurrentRuns, Limits.TaskDpus) = (runs, dpus);
        await CreateJob(JobName, Spark, maxConcurrentRuns: 10);
        var first = await Start();

        var refused = await Job.StartRun(new StartRun());
        Assert.Equal(RefusalKind.ResourceNumberLimitExceeded, refused.Refusal?.Kind);
        Assert.Contains(text, refused.Refusal!.Message, StringComparison.Ordinal);

        var waits = await Start(JobName, new StartRun { JobRunQueuingEnabled = true });
        Assert.Contains("(Limits:", (await Read(waits)).StateDetail, StringComparison.Ordinal);
        await Exited(first);
        await Reaches(waits, JobRunState.Starting);
    }

    [Fact]
    public async Task A_run_that_needs_more_than_its_account_may_ever_have_is_not_queued()
    {
        Limits.TaskDpus = 1;
        await CreateJob(JobName, Spark with { JobRunQueuingEnabled = true });

        var refused = await Job.StartRun(new StartRun());

        Assert.Equal(RefusalKind.ResourceNumberLimitExceeded, refused.Refusal?.Kind);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task Neither_flex_runs_nor_those_with_retries_are_queued_at_their_jobs_limit(bool flex, int retries)
    {
        await CreateJob(JobName, (flex ? Flex : Spark) with { MaxRetries = retries, JobRunQueuingEnabled = true });
        await Start();

        Assert.Equal(RefusalKind.ConcurrentRunsExceeded, (await Job.StartRun(new StartRun())).Refusal?.Kind);
    }

    [Fact]
    public async Task Flex_runs_wait_for_spare_capacity_without_being_queued()
    {
        Limits.FlexDpus = 2;
        await CreateJob(JobName, Flex, maxConcurrentRuns: 3);
        var first = await Start();
        var second = await Start();
        var third = await Start();

        Assert.Equal(JobRunState.Waiting, (await Read(second)).State);
        Assert.Contains("FlexDpus", (await Read(second)).StateDetail, StringComparison.Ordinal);
        await Exited(first);
        await Reaches(second, JobRunState.Starting);
        await Exited(second);
        await Reaches(third, JobRunState.Starting);
    }

    [Fact]
    public async Task A_flex_run_that_waits_for_twenty_minutes_fails_and_is_not_retried()
    {
        Limits.FlexDpus = 2;
        await CreateJob(JobName, Flex with { MaxRetries = 1 }, maxConcurrentRuns: 3);
        await Start();
        var waits = await Start();

        await Pass(TimeSpan.FromMinutes(20) - TimeSpan.FromMilliseconds(1), waits);
        Assert.Equal(JobRunState.Waiting, (await Read(waits)).State);
        await Pass(TimeSpan.FromMilliseconds(1), waits);

        var failed = await Read(waits);
        Assert.Equal((JobRunState.Failed, null), (failed.State, failed.SuccessorDueAt));
        Assert.Contains("FlexDpus", failed.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Flex_runs_and_others_do_not_keep_each_other_waiting()
    {
        Limits.FlexDpus = 2;
        await CreateJob(JobName, Spark, maxConcurrentRuns: 5);
        var flex = new StartRun { ExecutionClass = "FLEX" };
        await Start(JobName, flex);
        await Start(JobName, flex);

        Assert.Equal(JobRunState.Starting, (await Read(await Start())).State);
    }

    [Fact]
    public async Task An_executor_without_room_puts_a_run_back_to_its_old_place()
    {
        await CreateJob(JobName, Queued);
        var first = await Start();
        var second = await Start();

        await NoRoom(first);
        await Reaches(first, JobRunState.Waiting);
        await Job.Tend();

        Assert.Equal(JobRunState.Starting, (await Row(first))!.State);
        Assert.Equal(JobRunState.Waiting, (await Row(second))!.State);
    }

    /// <summary>Orleans promises no order between calls: the run may have been admitted again before its job hears that it
    /// was put back.</summary>
    [Fact]
    public async Task Late_news_of_a_run_put_back_does_not_give_away_the_slot_it_holds_again()
    {
        await CreateJob(JobName, Shell, maxConcurrentRuns: 1);
        var runId = await Start();
        await NoRoom(runId);
        await Job.Tend();
        Assert.Equal(JobRunState.Starting, (await Row(runId))!.State);

        await Job.SlotFreed(new RunStanding(runId, JobRunState.Waiting, null));

        Assert.True((await Job.StartRun(new StartRun())).IsRefused, "two runs of a job that may have one");
    }

    [Fact]
    public async Task A_lost_message_costs_no_slot_and_the_queue_moves_with_the_next_sweep()
    {
        await CreateJob(JobName, Queued);
        var first = await Start();
        var second = await Start();
        Post = method => Task.FromResult(method != nameof(IJobGrain.SlotFreed));

        await Exited(first);
        Clock.Advance(TimeSpan.FromSeconds(10));

        await Reaches(second, JobRunState.Starting);
    }

    [Fact]
    public async Task A_higher_limit_lets_runs_begin_and_a_lower_one_none()
    {
        await CreateJob(JobName, Queued);
        var runs = new List<string>();
        for (var i = 0; i < 4; i++)
            runs.Add(await Start());

        await Job.Update(Queued with { ExecutionProperty = new ExecutionProperty { MaxConcurrentRuns = 3 } });
        await Reaches(runs[1], JobRunState.Starting);
        await Reaches(runs[2], JobRunState.Starting);
        await Job.Update(Queued with { ExecutionProperty = new ExecutionProperty { MaxConcurrentRuns = 1 } });
        await Exited(runs[0]);
        await Job.Tend();

        Assert.Equal(JobRunState.Waiting, (await Row(runs[3]))!.State);
    }

    [Fact]
    public async Task The_queue_of_a_deleted_job_drains()
    {
        await CreateJob(JobName, Queued);
        var runs = new List<string>();
        for (var i = 0; i < 3; i++)
            runs.Add(await Start());

        await Job.Delete();

        foreach (var run in runs)
        {
            await Reaches(run, JobRunState.Starting);
            await Exited(run);
        }
    }

    private async Task NoRoom(string runId) =>
        await Run(runId)
            .Report(
                new RunReport.NoRoom
                {
                    At = Now,
                    Limit = "The executor runs as many scripts as it may.",
                    Version = (await Row(runId))!.Version,
                }
            );

    private async Task HasDetail(string runId, string expected) =>
        Assert.Equal(expected, (await Read(runId)).StateDetail);
}
