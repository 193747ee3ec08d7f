using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.Grains.Accounts;
using Xunit;
using static GlueOrleans.GrainInterfaces.Accounts.CapacityPurpose;

namespace GlueOrleans.Tests.Unit.Accounts;

/// <summary>What is granted by the account and has yet to find an executor; and who comes next to them.</summary>
public sealed partial class CapacityLedgerTests
{
    [Fact]
    public void What_found_no_executor_is_given_back_unless_it_was_told_before_that_it_has_one()
    {
        Assert.True(_ledger.TryGrant(Request("a", 10), Now));
        _ledger.TakeBack("a");
        Assert.True(Grant("b", 10));

        // Asked for again, since the answer was lost: the row of the first answer may come all the same.
        Assert.True(_ledger.TryGrant(Request("b", 10), Now));
        _ledger.TakeBack("b");
        Assert.Equal(1, _ledger.RunsHeld);
        Assert.False(Grant("c", 1));
    }

    [Fact]
    public void What_was_given_back_while_an_executor_was_looked_for_cannot_be_promised()
    {
        Assert.True(_ledger.TryGrant(Request("a", 10), Now));
        _ledger.Release(["a"]);

        Assert.False(_ledger.Confirm("a", Now));
        Assert.True(Grant("b", 10));
    }

    [Fact]
    public void Nobody_of_its_kind_passes_one_that_waits_for_an_executor_but_others_do()
    {
        NoExecutorFor("elder", 1, waited: 9);

        Assert.False(Grant("younger", 1, job: "another"));
        Assert.Equal(
            (CapacityLimit.Executors, true),
            _ledger.Queue(Request("younger", 1, job: "another", purpose: StartWhenPossible), Now)
        );
        Assert.Equal(7, _ledger.Value(CapacityLimit.Executors));
        Assert.True(Grant("flex", 1, isFlex: true));
        Assert.True(Grant("elder", 1, waited: 9, purpose: StartWhenPossible));
        Assert.True(Grant("younger", 1, job: "another", purpose: StartWhenPossible));
    }

    [Fact]
    public void As_many_are_called_as_the_executors_have_room_for_and_the_next_when_one_has_its_place()
    {
        NoExecutorFor("a", 1, job: "first", waited: 9);
        _ledger.Queue(Request("b", 1, job: "second", purpose: StartWhenPossible, waited: 8), Now);
        _ledger.Queue(Request("c", 1, job: "third", purpose: StartWhenPossible, waited: 7), Now);
        Assert.Empty(_ledger.TakeTurns(Now));

        _ledger.ExecutorsHaveRoom(1);

        Assert.Equal([Job("first")], _ledger.TakeTurns(Now));
        Assert.Equal("b", _ledger.NextAfter("a")?.RunId);
        Assert.False(Grant("b", 1, job: "second", purpose: StartWhenPossible, waited: 8));
        Assert.True(Grant("a", 1, job: "first", purpose: StartWhenPossible, waited: 9));
        Assert.Equal([Job("second")], _ledger.TakeTurns(Now));
    }

    [Fact]
    public void When_the_one_that_waits_for_an_executor_is_gone_the_next_is_called()
    {
        NoExecutorFor("a", 1, job: "first", waited: 9);
        _ledger.Queue(Request("b", 1, job: "second", purpose: StartWhenPossible), Now);

        Assert.Equal(["a"], _ledger.Decline(Job("first")));

        Assert.Equal([Job("second")], _ledger.TakeTurns(Now));
    }

    /// <summary>The executors had no room some time ago, and nobody has waited for them since.</summary>
    [Fact]
    public void An_account_that_had_to_wait_for_executors_once_is_as_it_was()
    {
        NoExecutorFor("a", 1, waited: 9);
        _ledger.ExecutorsHaveRoom(1);
        Assert.True(Grant("a", 1, purpose: StartWhenPossible));
        _ledger.Queue(Request("b", 9, job: "second", purpose: StartWhenPossible), Now);
        _ledger.Queue(Request("c", 1, job: "third", purpose: StartWhenPossible), Now);

        Assert.Equal([Job("second")], _ledger.TakeTurns(Now));
        _ledger.Release(["a"]);
        Assert.Equal([Job("third")], _ledger.TakeTurns(Now));
    }

    /// <summary>The account knows only whom a job asked for: without the announcement, another job's run that has waited
    /// less would come between two of it.</summary>
    [Fact]
    public void Who_is_announced_with_the_one_before_it_comes_before_those_that_have_waited_less()
    {
        var first = Request("first", 10, waited: 9, purpose: StartWhenPossible) with
        {
            Next = new PlaceNext("next", 6, Now.AddSeconds(-8)),
        };
        Assert.True(_ledger.TryGrant(first, Now));
        Assert.True(_ledger.Confirm("first", Now));
        _ledger.Queue(Request("late", 6, job: "another", purpose: StartWhenPossible, waited: 5), Now);

        _ledger.Release(["first"]);

        Assert.False(Grant("late", 6, job: "another", purpose: StartWhenPossible, waited: 5));
        Assert.Empty(_ledger.TakeTurns(Now)); // it comes by itself
        Assert.True(Grant("next", 6, purpose: StartWhenPossible, waited: 8));
    }

    [Fact]
    public void Who_was_announced_and_does_not_come_keeps_nobody_waiting()
    {
        var first = Request("first", 10, waited: 9, purpose: StartWhenPossible) with
        {
            Next = new PlaceNext("next", 6, Now.AddSeconds(-8)),
        };
        var late = Request("late", 6, job: "another", purpose: StartWhenPossible, waited: 5);
        Assert.True(_ledger.TryGrant(first, Now));
        _ledger.TakeBack("first");
        _ledger.Queue(first, Now, executorNodes: 1);
        _ledger.Release(["first"]);
        Assert.True(_ledger.TryGrant(late, Now)); // refused the place: the next one does not come either
        _ledger.Release(["late"]);

        Assert.True(_ledger.TryGrant(first, Now));
        _ledger.Release(["first"]);
        Assert.False(_ledger.TryGrant(late, Now));
        Assert.True(_ledger.TryGrant(late, Now + CapacityLedger.TurnLasts + TimeSpan.FromTicks(1)));
    }

    private void NoExecutorFor(string runId, double dpus, string job = "job", int waited = 0)
    {
        var request = Request(runId, dpus, job: job, purpose: StartWhenPossible, waited: waited);
        Assert.True(_ledger.TryGrant(request, Now));
        _ledger.TakeBack(runId);
        Assert.Equal((CapacityLimit.Executors, true), _ledger.Queue(request, Now, executorNodes: 7));
    }
}
