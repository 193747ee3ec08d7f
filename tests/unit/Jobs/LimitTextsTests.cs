using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.Grains.Jobs;
using Xunit;

namespace GlueOrleans.Tests.Unit.Jobs;

/// <summary>Users read them, and clients look for how Glue's begin (glue-behaviour.md 3.4, 4.1.1).</summary>
public sealed class LimitTextsTests
{
    [Fact]
    public void A_job_that_is_full_is_named() =>
        Assert.Equal("Concurrent runs exceeded for nightly", LimitTexts.JobIsFull("nightly"));

    [Fact]
    public void A_trigger_that_fired_in_vain_says_what_Glue_says() =>
        Assert.Equal("Max concurrent runs exceeded", LimitTexts.TriggerInVain);

    [Theory]
    [InlineData(
        CapacityLimit.ConcurrentRuns,
        "Max concurrent job runs exceeded for your account: the limit is 50 (Limits:ConcurrentRuns)."
    )]
    [InlineData(
        CapacityLimit.QueuedRuns,
        "Max queued job runs exceeded for your account: the limit is 50 (Limits:QueuedRuns)."
    )]
    [InlineData(
        CapacityLimit.TaskDpus,
        "Exceeded maximum concurrent compute capacity for your account: the run needs 0.0625 DPUs, the limit is 50 (Limits:TaskDpus)."
    )]
    [InlineData(
        CapacityLimit.FlexDpus,
        "Exceeded maximum concurrent compute capacity for your account: the run needs 0.0625 DPUs, the limit is 50 (Limits:FlexDpus)."
    )]
    public void A_refusal_names_the_limit_its_value_and_the_setting(CapacityLimit limit, string expected) =>
        Assert.Equal(expected, LimitTexts.Refused(new CapacityAnswer(CapacityResult.Refused, 1, limit, 50), 0.0625));

    [Theory]
    [InlineData(
        CapacityLimit.ConcurrentRuns,
        "Waiting for a run of the account to end: its limit of concurrent runs is 50 (Limits:ConcurrentRuns)."
    )]
    [InlineData(CapacityLimit.TaskDpus, "Waiting for 2.5 DPUs: the account's limit is 50 (Limits:TaskDpus).")]
    [InlineData(CapacityLimit.FlexDpus, "Waiting for 2.5 DPUs: the account's limit is 50 (Limits:FlexDpus).")]
    public void A_wait_names_the_limit_its_value_and_the_setting(CapacityLimit limit, string expected) =>
        Assert.Equal(expected, LimitTexts.Waits(new CapacityAnswer(CapacityResult.Wait, 1, limit, 50), 2.5));

    [Theory]
    [InlineData(0, "no executor node takes runs now. Start a silo with the role executor.")]
    [InlineData(1, "none of 1 node has room for a run of 2.5 DPUs (Executor:MaxRuns, Executor:Dpus).")]
    [InlineData(3, "none of 3 nodes has room for a run of 2.5 DPUs (Executor:MaxRuns, Executor:Dpus).")]
    public void Without_room_on_executors_it_is_said_how_many_there_are(int nodes, string expected)
    {
        var answer = new CapacityAnswer(CapacityResult.Wait, 1, CapacityLimit.Executors, nodes);

        Assert.Equal($"Waiting for an executor: {expected}", LimitTexts.Waits(answer, 2.5));
        Assert.Equal($"Resource unavailable: {expected}", LimitTexts.Refused(answer, 2.5));
    }

    /// <summary>Every name in the parentheses is a setting that can be raised.</summary>
    [Fact]
    public void Each_limit_of_an_account_is_a_setting_of_that_name()
    {
        CapacityLimit[] ofNoAccount = [CapacityLimit.None, CapacityLimit.Executors];
        foreach (var limit in Enum.GetValues<CapacityLimit>().Except(ofNoAccount))
            Assert.NotNull(typeof(AccountLimits).GetProperty(limit.ToString()));
    }

    [Fact]
    public void A_wait_for_the_job_says_how_many_of_its_runs_may_run() =>
        Assert.Equal(
            "Waiting for a run of this job to end: its limit of concurrent runs is 3.",
            LimitTexts.WaitsForJob(3)
        );

    [Theory]
    [InlineData("Waiting for something.", "Waiting for something. Position in the queue of the job: 12.")]
    [InlineData(null, "Position in the queue of the job: 12.")]
    public void The_place_in_the_queue_is_added_to_the_reason(string? detail, string expected) =>
        Assert.Equal(expected, LimitTexts.WithPosition(detail, 12));
}
