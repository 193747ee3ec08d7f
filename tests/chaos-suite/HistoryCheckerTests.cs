using GlueOrleans.Tests.ChaosSuite.Checker;
using Xunit;

namespace GlueOrleans.Tests.ChaosSuite;

/// <summary>A checker that finds nothing proves nothing: each promise is broken here, once, and has to be missed.</summary>
public sealed class HistoryCheckerTests
{
    private readonly HistoryBuilder _history = new HistoryBuilder().AJob("job");

    [Fact]
    public void Finds_nothing_in_a_good_history()
    {
        _history.AJob("retried", maxConcurrentRuns: 3, maxRetries: 1);
        _history
            .Success("a")
            .Answered("a")
            .Row("b", "STARTING")
            .Row("c", "WAITING")
            .Row("b", "STOPPING")
            .Row("b", "STOPPED");
        _history
            .Row("c", "STARTING")
            .Mark("c", "start")
            .Row("c", "RUNNING")
            .Mark("c", "end", "0")
            .Row("c", "SUCCEEDED");
        Failed("d", "retried").Row("d_attempt_1", "STARTING", "retried", Follows("d"));
        // The debt is settled in the row of the one before, which stays as it was otherwise.
        _history.Row("d", "FAILED", "retried", v => v with { Version = v.Version - 1, ErrorMessage = "code 3" });
        Failed("d_attempt_1", "retried", isNew: false);

        Assert.Empty(HistoryChecker.Check(_history.Build()));
    }

    [Fact]
    public void Finds_a_run_that_ends_twice()
    {
        _history.Success("a").Row("a", "FAILED");
        Finds("ends once");
    }

    [Fact]
    public void Finds_a_run_that_goes_on_after_its_end()
    {
        _history.Success("a").Row("a", "RUNNING").Row("a", "SUCCEEDED");
        Finds("ends once");
    }

    [Fact]
    public void Finds_a_version_that_was_skipped()
    {
        _history.Row("a", "WAITING").Row("a", "STOPPED", with: v => v with { Version = 3 });
        Finds("ends once");
    }

    [Fact]
    public void Finds_a_row_that_was_removed()
    {
        _history.Success("a").Row("a", "SUCCEEDED", with: v => v with { Version = 3, IsDeleted = true });
        Finds("ends once");
    }

    [Fact]
    public void Finds_an_acknowledged_run_without_a_row()
    {
        _history.Answered("a");
        Finds("acknowledged");
    }

    [Fact]
    public void Finds_two_calls_that_were_given_the_same_run()
    {
        _history.Success("a").Answered("a").Answered("a");
        Finds("acknowledged");
    }

    [Theory]
    [InlineData("WAITING")]
    [InlineData("STARTING")]
    [InlineData("STOPPING")]
    public void Finds_what_waits_for_ever(string state)
    {
        _history.Row("a", state);
        Finds("nothing waits for ever");
    }

    [Fact]
    public void Finds_a_retry_that_is_owed_for_ever()
    {
        _history.AJob("retried", maxRetries: 1);
        Failed("a", "retried");
        Finds("nothing waits for ever", "retries");
    }

    [Fact]
    public void Finds_a_run_that_fails_for_no_reason()
    {
        _history.Rows("a", "STARTING").Mark("a", "start").Rows("a", "RUNNING", "FAILED");
        Finds("a reason to fail");
        Assert.Empty(
            HistoryChecker.Check(
                _history.Build() with
                {
                    Harms = [new Harm("silo-1", 0, _history.Now, "it was killed")],
                }
            )
        );
        Assert.NotEmpty(
            HistoryChecker.Check(
                _history.Build() with
                {
                    Harms = [new Harm("silo-2", 0, _history.Now, "it was killed")],
                }
            )
        );
    }

    [Theory]
    [InlineData("TIMEOUT")]
    [InlineData("ERROR")]
    [InlineData("EXPIRED")]
    public void Finds_endings_that_nobody_asked_for(string state)
    {
        _history.Rows("a", "STARTING", "RUNNING", "STOPPING", state);
        Finds("a reason to fail");
    }

    [Fact]
    public void Finds_a_run_that_is_tried_again_after_its_stop()
    {
        _history.AJob("retried", maxRetries: 1);
        _history.Row("a", "STARTING", "retried").Row("a", "STOPPING", "retried", v => v with { EndsAs = "STOPPED" });
        _history.Row("a", "STOPPED", "retried").Row("a_attempt_1", "STARTING", "retried", Follows("a"));
        _history.Row("a_attempt_1", "STOPPED", "retried", Follows("a"));
        var found = HistoryChecker.Check(_history.Build() with { Stopped = ["a"] }).Select(v => v.Rule).Distinct();
        Assert.Equal(["a stop is a stop", "retries"], found);
    }

    [Fact]
    public void Finds_more_runs_than_the_job_allows()
    {
        _history.Rows("a", "STARTING").Rows("b", "STARTING").Rows("a", "STOPPED").Rows("b", "STOPPED");
        Finds("limits");
    }

    [Fact]
    public void Finds_more_runs_than_the_account_allows()
    {
        _history.AJob("job", maxConcurrentRuns: 5);
        _history.Rows("a", "STARTING").Rows("b", "STARTING").Rows("a", "STOPPED").Rows("b", "STOPPED");
        Assert.Single(HistoryChecker.Check(_history.Build() with { AccountLimit = 1 }), v => v.Rule == "limits");
        Assert.Empty(HistoryChecker.Check(_history.Build() with { AccountLimit = 2 }));
    }

    [Fact]
    public void Finds_more_scripts_than_a_node_may_run()
    {
        _history.AJob("job", maxConcurrentRuns: 5).Rows("a", "STARTING").Rows("b", "STARTING");
        _history.Mark("a", "start").Mark("b", "start").Mark("a", "end", "0").Mark("b", "end", "0");
        _history.Rows("a", "SUCCEEDED").Rows("b", "SUCCEEDED");
        Assert.Single(HistoryChecker.Check(_history.Build() with { NodeLimit = 1 }), v => v.Rule == "limits");
        Assert.Empty(HistoryChecker.Check(_history.Build() with { NodeLimit = 2 }));
    }

    [Fact]
    public void Finds_a_run_that_was_overtaken()
    {
        _history.AJob("job", maxConcurrentRuns: 5);
        _history.Rows("a", "WAITING").Rows("b", "WAITING", "STARTING", "STOPPED").Rows("a", "STARTING", "STOPPED");
        Finds("first come, first served");
    }

    [Fact]
    public void Finds_a_run_that_was_overtaken_by_one_that_never_waited()
    {
        _history.AJob("job", maxConcurrentRuns: 5);
        _history.Rows("a", "WAITING").Rows("b", "STARTING", "STOPPED").Rows("a", "STARTING", "STOPPED");
        Finds("first come, first served");
    }

    [Fact]
    public void Lets_others_pass_a_run_that_its_node_had_no_room_for()
    {
        _history.AJob("job", maxConcurrentRuns: 5);
        _history.Rows("a", "STARTING", "WAITING").Rows("b", "STARTING", "STOPPED").Rows("a", "STARTING", "STOPPED");
        Assert.Empty(HistoryChecker.Check(_history.Build()));
    }

    [Fact]
    public void Finds_a_failure_that_is_not_retried()
    {
        _history.AJob("retried", maxRetries: 1);
        Failed("a", "retried", owes: false);
        Finds("retries");
    }

    [Fact]
    public void Finds_a_failure_that_is_retried_twice()
    {
        _history.AJob("retried", maxConcurrentRuns: 2, maxRetries: 1);
        Failed("a", "retried", owes: false);
        foreach (var next in new[] { "a_attempt_1", "a_attempt_1_again" })
            _history.Row(next, "STARTING", "retried", Follows("a")).Row(next, "STOPPED", "retried", Follows("a"));
        Finds("retries");
    }

    [Fact]
    public void Finds_more_attempts_than_there_are_retries()
    {
        Failed("a", "job", owes: false).Row("a_attempt_1", "STARTING", with: Follows("a"));
        _history.Row("a_attempt_1", "STOPPED", with: Follows("a"));
        Finds("retries");
    }

    [Fact]
    public void Finds_a_retry_that_did_not_wait_for_the_end()
    {
        _history.AJob("retried", maxConcurrentRuns: 2, maxRetries: 1).Row("a", "STARTING", "retried");
        _history
            .Row("a_attempt_1", "STARTING", "retried", Follows("a"))
            .Row("a_attempt_1", "STOPPED", "retried", Follows("a"));
        Failed("a", "retried", isNew: false, owes: false);
        Finds("retries");
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public void Finds_a_script_that_is_started_twice(string process)
    {
        _history.Rows("a", "STARTING").Mark("a", "start").Mark("a", "beat").Mark("a", "start", process: process);
        _history.Mark("a", "end", "0", process).Rows("a", "SUCCEEDED");
        Finds("executed at most once");
    }

    [Fact]
    public void Finds_a_script_without_a_run()
    {
        _history.Mark("a", "start").Mark("a", "end", "0");
        Finds("executed at most once");
    }

    [Fact]
    public void Finds_a_success_without_a_script()
    {
        _history.Rows("a", "STARTING", "RUNNING", "SUCCEEDED");
        Finds("success means run");
    }

    [Fact]
    public void Finds_a_success_whose_script_was_cut_short()
    {
        _history.Rows("a", "STARTING").Mark("a", "start").Mark("a", "beat").Rows("a", "RUNNING", "SUCCEEDED");
        Finds("success means run");
    }

    [Fact]
    public void Finds_two_attempts_that_live_at_the_same_time()
    {
        _history
            .AJob("retried", maxConcurrentRuns: 2, maxRetries: 1)
            .Row("a", "STARTING", "retried")
            .Mark("a", "start");
        _history.Row("a", "FAILED", "retried").Row("a_attempt_1", "STARTING", "retried", Follows("a"));
        _history.Mark("a_attempt_1", "start").Mark("a", "end", "3").Mark("a_attempt_1", "end", "0");
        _history.Row("a_attempt_1", "SUCCEEDED", "retried", Follows("a"));
        Finds("never twice at the same time", "no process outlives its run");
    }

    [Fact]
    public void Finds_a_process_that_outlives_its_run()
    {
        _history.Success("a").Mark("a", "beat");
        Finds("no process outlives its run");
    }

    [Fact]
    public void Finds_a_success_without_its_bookmark_and_a_bookmark_without_success()
    {
        _history.AJob("job", hasBookmark: true).Success("a");
        Finds("bookmarks");
        Assert.Empty(HistoryChecker.Check(_history.Build() with { BookmarkedBy = ["a"] }));
        Assert.NotEmpty(HistoryChecker.Check(_history.Build() with { BookmarkedBy = ["a", "a"] }));
        _history.Rows("b", "STARTING", "STOPPED");
        Assert.NotEmpty(HistoryChecker.Check(_history.Build() with { BookmarkedBy = ["a", "b"] }));
    }

    [Fact]
    public void Describes_a_run_with_all_its_attempts_and_processes()
    {
        Failed("a", "retried", owes: false).Row("a_attempt_1", "STARTING", "retried", Follows("a"));
        var text = _history.Build().Describe("a_attempt_1");
        Assert.Contains("[attempt 0]", text, StringComparison.Ordinal);
        Assert.Contains("[attempt_1]", text, StringComparison.Ordinal);
        Assert.Contains("ended with 3", text, StringComparison.Ordinal);
    }

    private static Func<RunVersion, RunVersion> Follows(string run) =>
        version => version with { Attempt = 1, PreviousRunId = run };

    private HistoryBuilder Failed(string run, string job, bool isNew = true, bool owes = true)
    {
        if (isNew)
            _history.Row(run, "STARTING", job);
        return _history
            .Mark(run, "start")
            .Row(run, "RUNNING", job)
            .Mark(run, "end", "3")
            .Row(run, "FAILED", job, v => v with { OwesSuccessor = owes && v.Attempt == 0, ErrorMessage = "code 3" });
    }

    /// <summary>Just these rules are broken.</summary>
    private void Finds(params string[] rules) =>
        Assert.Equal(
            rules.Order(StringComparer.Ordinal),
            HistoryChecker.Check(_history.Build()).Select(v => v.Rule).Distinct().Order(StringComparer.Ordinal)
        );
}
