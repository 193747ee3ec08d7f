using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Accounts;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

/// <summary>How an account's capacity is given out, shared and taken back.</summary>
public sealed class CapacityTests : GlueCluster
{
    private static readonly JobKey Nightly = new(Account, JobName);
    private static readonly JobKey Other = new(Account, "other");

    private static readonly JobSettings Queued = Spark with { JobRunQueuingEnabled = true };

    /// <summary>On a real clock no two readings are the same: the run's row is a little younger than its first question.</summary>
    [Fact]
    public async Task A_run_that_waits_for_its_account_does_not_stand_in_its_own_way()
    {
        Limits.ConcurrentRuns = 1;
        await CreateJob(JobName, Queued, maxConcurrentRuns: 5);
        Clock.AutoAdvanceAmount = TimeSpan.FromMilliseconds(1);
        var first = await Start();
        var second = await Start();
        Assert.Equal(JobRunState.Waiting, (await Read(second)).State);

        await Exited(first);

        await Reaches(second, JobRunState.Starting);
    }

    [Fact]
    public async Task A_retry_that_waits_for_its_account_starts_when_there_is_room()
    {
        Limits.ConcurrentRuns = 1;
        await CreateJob(JobName, Spark with { MaxRetries = 1 });
        await CreateJob("other", Spark);
        var failed = await Start();
        await Exited(failed, exitCode: 1);
        var inTheWay = await Start("other");

        Clock.Advance(TimeSpan.FromSeconds(30));
        await Job.Tend();
        Assert.Null(await Row($"{failed}_attempt_1"));
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Exited(inTheWay);

        await Reaches($"{failed}_attempt_1", JobRunState.Starting);
    }

    [Fact]
    public async Task A_retry_that_nobody_wants_any_more_keeps_nobody_waiting()
    {
        Limits.ConcurrentRuns = 1;
        await CreateJob(JobName, Spark with { MaxRetries = 1 });
        await CreateJob("other", Spark);
        var failed = await Start();
        await Exited(failed, exitCode: 1);
        var inTheWay = await Start("other");
        Clock.Advance(TimeSpan.FromSeconds(30));
        await Job.Tend();

        await Job.Delete();
        await Job.Tend();
        await Reaches($"{failed}_attempt_1", JobRunState.Error);
        await Exited(inTheWay);

        Assert.False((await Grain("other").StartRun(new StartRun())).IsRefused);
    }

    [Fact]
    public async Task Who_has_waited_longest_comes_first_whatever_its_job()
    {
        Limits.TaskDpus = 2;
        await CreateJob("a", Queued, maxConcurrentRuns: 5);
        await CreateJob("b", Queued, maxConcurrentRuns: 5);
        List<string> runs = [];
        foreach (var job in (string[])["a", "b", "a", "a", "b"])
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            runs.Add(await Start(job));
        }

        foreach (var run in runs)
        {
            await Reaches(run, JobRunState.Starting);
            Assert.Equal(1, runs.Count(id => Row(id).Result!.State.HoldsSlot()));
            await Exited(run);
        }
    }

    [Fact]
    public async Task A_run_whose_own_job_is_at_its_limit_keeps_no_other_job_waiting()
    {
        Limits.TaskDpus = 4;
        await CreateJob("busy", Queued, maxConcurrentRuns: 2);
        await CreateJob("other", Queued);
        var holds = await Start("busy");
        var blocks = await Start("other");
        var waits = await Start("busy"); // for DPUs: its job has a slot
        Assert.Contains("TaskDpus", (await Row(waits))!.StateDetail, StringComparison.Ordinal);
        await Grain("busy").Update(Queued with { ExecutionProperty = new ExecutionProperty { MaxConcurrentRuns = 1 } });

        Clock.Advance(TimeSpan.FromSeconds(1));
        await Exited(blocks);
        await Grain("busy").Tend();
        Clock.Advance(TimeSpan.FromSeconds(1));
        var other = await Start("other");
        await Grain("other").Tend();

        Assert.Equal(JobRunState.Starting, (await Row(other))!.State);
        Assert.Equal(JobRunState.Starting, (await Row(holds))!.State);
        Assert.Equal(JobRunState.Waiting, (await Row(waits))!.State);
    }

    [Fact]
    public async Task A_second_activation_that_gives_out_capacity_is_noticed_before_a_limit_is_exceeded()
    {
        Limits.ConcurrentRuns = 2;
        await CreateJob(JobName, Spark, maxConcurrentRuns: 100);
        await CreateJob("other", Spark, maxConcurrentRuns: 100);
        var first = (await Row(await Start()))!;
        var accountEpoch = await Store.ClaimAccountEpoch(Account);
        var others = first with { Id = RunId.New(), Job = Other, Ordinal = 1, Version = 1 };
        await Store.TryCreate(others, new AdmissionEpochs(await Store.ClaimEpoch(Other), accountEpoch));

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Job.StartRun(new StartRun())));

        Assert.All(answers, a => Assert.Equal(RefusalKind.ResourceNumberLimitExceeded, a.Refusal?.Kind));
    }

    [Fact]
    public async Task A_run_that_waits_is_not_admitted_under_an_epoch_that_is_over()
    {
        Limits.ConcurrentRuns = 1;
        await CreateJob(JobName, Queued, maxConcurrentRuns: 100);
        var first = await Start();
        var second = await Start();
        await Exited(first);
        await Reaches(second, JobRunState.Starting);
        var third = await Start();

        var epoch = await Store.ClaimAccountEpoch(Account);
        await Exited(second);
        await Reaches(third, JobRunState.Starting);

        Assert.True(epoch < await Store.ClaimAccountEpoch(Account) - 1, "nobody claimed the epoch back");
    }

    [Fact]
    public async Task A_promise_of_which_nothing_comes_is_taken_back_after_a_minute_and_its_epoch_ends()
    {
        Limits.ConcurrentRuns = 1;
        var lost = await Ask("jr_lost");
        Assert.Equal(CapacityResult.Granted, lost.Result);
        Assert.Equal(CapacityResult.Refused, (await Ask("jr_next")).Result);

        Clock.Advance(CapacityLedger.PromiseLasts + TimeSpan.FromMilliseconds(1));
        var next = await Ask("jr_next");

        Assert.Equal(CapacityResult.Granted, next.Result);
        Assert.True(next.Epoch > lost.Epoch, "the lost run could still be written");
    }

    [Fact]
    public async Task A_promise_asked_for_again_lasts_again()
    {
        Limits.ConcurrentRuns = 1;
        await Ask("jr_slow");
        Clock.Advance(CapacityLedger.PromiseLasts - TimeSpan.FromSeconds(1));
        Assert.Equal(CapacityResult.Granted, (await Ask("jr_slow")).Result);
        Clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(CapacityResult.Refused, (await Ask("jr_next")).Result);
    }

    [Fact]
    public async Task What_a_run_held_is_free_the_moment_it_reads_terminal_even_if_nobody_says_so()
    {
        Limits.ConcurrentRuns = 1;
        await CreateJob(JobName, Spark, maxConcurrentRuns: 100);
        Post = method => Task.FromResult(method != nameof(IJobGrain.SlotFreed));
        for (var i = 0; i < 3; i++)
            await Exited(await Start());
    }

    private Task<CapacityAnswer> Ask(string runId) =>
        Capacity.Ask(new CapacityRequest(runId, Nightly, CapacityPurpose.Start, 1, IsFlex: false, Now));
}
