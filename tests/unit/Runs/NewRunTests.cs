using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Runs;
using GlueOrleans.Storage;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.Unit.Runs;

/// <summary>Who a run is, and how it begins. Ids: glue-behaviour.md 3.2.</summary>
public sealed class NewRunTests
{
    [Theory]
    [InlineData("jr_X", 0, "jr_X_attempt_1")]
    [InlineData("jr_X_attempt_1", 1, "jr_X_attempt_2")]
    [InlineData("jr_X_attempt_9", 9, "jr_X_attempt_10")]
    // Restarts are counted anew in each attempt.
    [InlineData("jr_X_restart_3", 0, "jr_X_attempt_1")]
    [InlineData("jr_X_attempt_3_restart_5", 3, "jr_X_attempt_4")]
    public void A_failed_run_is_followed_by_the_next_attempt(string id, int attempt, string expected)
    {
        RunRecord failed = ARun().WithId(id).OnAttempt(attempt).InState(JobRunState.Failed);

        var next = NewRun.After(failed);

        Assert.Equal((expected, attempt + 1, id), (next.Id, next.Attempt, next.PreviousRunId));
    }

    [Theory]
    [InlineData("jr_X", 0, "jr_X_restart_1")]
    [InlineData("jr_X_restart_1", 0, "jr_X_restart_2")]
    [InlineData("jr_X_restart_99", 0, "jr_X_restart_100")]
    [InlineData("jr_X_attempt_4", 4, "jr_X_attempt_4_restart_1")]
    [InlineData("jr_X_attempt_3_restart_4", 3, "jr_X_attempt_3_restart_5")]
    public void An_expired_run_is_followed_by_its_restart_which_is_the_same_attempt(
        string id,
        int attempt,
        string expected
    )
    {
        RunRecord expired = ARun().WithId(id).OnAttempt(attempt).InState(JobRunState.Expired);

        var next = NewRun.After(expired);

        Assert.Equal((expected, attempt, id), (next.Id, next.Attempt, next.PreviousRunId));
    }

    [Fact]
    public void What_follows_a_run_is_started_with_the_same_settings_for_the_same_job_and_trigger()
    {
        RunRecord failed = ARun().InState(JobRunState.Failed).With(run => run with { TriggerName = "nightly" });

        var next = NewRun.After(failed);

        Assert.Same(failed.Settings, next.Settings);
        Assert.Equal((failed.Job, "nightly"), (next.Job, next.TriggerName));
    }

    [Fact]
    public void A_run_with_a_slot_is_to_be_launched_within_its_deadline()
    {
        var row = ANewRun()
            .Starting(7, LifecycleMatrix.Node, Accepted, new RunDeadlines { LaunchDeadline = TimeSpan.FromMinutes(3) });

        RunInvariants.Check(row);
        Assert.Equal(LifecycleMatrix.Node, row.Executor);
        Assert.Equal((JobRunState.Starting, 7, 1), (row.State, row.Ordinal, row.Version));
        Assert.Equal((Accepted, Accepted), (row.StartedOn, row.LastModifiedOn));
        Assert.Equal((Accepted.AddMinutes(3), Accepted.AddMinutes(3)), (row.DeadlineAt, row.DueAt));
        Assert.Equal([RunEffect.Launch], RunLifecycle.EffectsOwed(row));
    }

    [Fact]
    public void A_run_that_shall_be_announced_when_it_is_late_is_due_then()
    {
        var run = ANewRun();
        run = run with
        {
            Settings = run.Settings with { NotificationProperty = new NotificationProperty { NotifyDelayAfter = 1 } },
        };

        Assert.Equal(Accepted.AddMinutes(1), run.Starting(1, LifecycleMatrix.Node, Accepted, new RunDeadlines()).DueAt);
        Assert.Null(run.Waiting(1, "a limit", Accepted, new RunDeadlines()).DueAt);
    }

    [Fact]
    public void A_run_without_a_slot_waits_for_as_long_as_it_takes_or_is_configured()
    {
        var row = ANewRun().Waiting(7, "a limit", Accepted, new RunDeadlines());
        var bounded = ANewRun()
            .Waiting(7, "a limit", Accepted, new RunDeadlines { QueueDeadline = TimeSpan.FromMinutes(15) });

        RunInvariants.Check(row);
        Assert.Equal((JobRunState.Waiting, "a limit"), (row.State, row.StateDetail));
        Assert.Equal((null, null), (row.DeadlineAt, row.DueAt));
        Assert.Equal((Accepted.AddMinutes(15), Accepted.AddMinutes(15)), (bounded.DeadlineAt, bounded.DueAt));
        Assert.Empty(RunLifecycle.EffectsOwed(row));
    }

    [Theory]
    [InlineData(JobRunState.Failed)]
    [InlineData(JobRunState.Error)]
    public void A_run_that_was_wanted_in_vain_has_ended_and_owes_nothing(JobRunState end)
    {
        var row = ANewRun().Ended(7, end, "in vain", Accepted);

        RunInvariants.Check(row);
        Assert.Equal((end, "in vain", Accepted), (row.State, row.ErrorMessage, row.CompletedOn!.Value));
        Assert.Equal((null, null, null), (row.DeadlineAt, row.DueAt, row.SuccessorDueAt));
    }

    private static NewRun ANewRun() => new(TheJob, "jr_X", ARun().Build().Settings);
}

public sealed class RunIdTests
{
    [Fact]
    public void A_call_has_one_run_id_however_often_it_is_made()
    {
        var job = new JobKey("111111111111", "job");

        var id = RunId.Of(job, "call-1");

        Assert.Matches("^jr_[0-9a-f]{64}$", id);
        Assert.Equal(id, RunId.Of(new JobKey("111111111111", "job"), "call-1"));
        // Committed: a client may repeat its call to a later version of the program.
        Assert.Equal("jr_eda117704643063d39847ab7cd71a24155a90ef03a1db7242a8b78d6b2bbddae", id);
    }

    [Fact]
    public void Two_calls_never_share_a_run()
    {
        (string Account, string Job, string Call)[] calls =
        [
            ("111111111111", "job", "call"),
            ("222222222222", "job", "call"),
            ("111111111111", "Job", "call"),
            ("111111111111", "job", "call2"),
            // The same letters, parted differently.
            ("111111111111", "job c", "all"),
            ("111111111111", "job", " call"),
            ("111111111111 3", "job", "call"),
            ("1", "11111111111 3 job", "call"),
        ];

        var ids = calls.Select(call => RunId.Of(new JobKey(call.Account, call.Job), call.Call));

        Assert.Equal(calls.Length, ids.Distinct().Count());
    }

    [Fact]
    public void New_ids_look_like_Glues_and_differ()
    {
        Assert.Matches("^jr_[0-9a-f]{64}$", RunId.New());
        Assert.NotEqual(RunId.New(), RunId.New());
    }
}
