using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Accounts;
using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.Ports;
using Xunit;
using static GlueOrleans.GrainInterfaces.Accounts.CapacityPurpose;

namespace GlueOrleans.Tests.Unit.Accounts;

public sealed partial class CapacityLedgerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly CapacityLedger _ledger = new(
        new AccountLimits
        {
            ConcurrentRuns = 3,
            TaskDpus = 10,
            FlexDpus = 4,
            QueuedRuns = 2,
        }
    );

    [Fact]
    public void Runs_are_granted_until_a_limit_is_reached_and_the_limit_is_named()
    {
        Assert.True(Grant("a", 6));
        Assert.False(Grant("b", 4.0625));
        Assert.Equal((CapacityLimit.TaskDpus, false), _ledger.Queue(Request("b", 4.0625), Now));
        Assert.True(Grant("c", 4));
        Assert.True(Grant("d", 0));
        Assert.False(Grant("e", 0));
        Assert.Equal((CapacityLimit.ConcurrentRuns, false), _ledger.Queue(Request("e", 0), Now));
        Assert.Equal(3, _ledger.RunsHeld);
    }

    [Fact]
    public void FLEX_runs_have_a_pool_of_their_own_and_share_the_number_of_runs()
    {
        Assert.True(Grant("a", 10));
        Assert.True(Grant("flex", 4, isFlex: true));
        Assert.Equal((CapacityLimit.FlexDpus, false), _ledger.Queue(Request("b", 0.0625, isFlex: true), Now));
        Assert.Equal((CapacityLimit.TaskDpus, false), _ledger.Queue(Request("b", 0.0625), Now));
        Assert.True(Grant("c", 0));
        Assert.Equal((CapacityLimit.ConcurrentRuns, false), _ledger.Queue(Request("d", 0, isFlex: true), Now));
    }

    [Fact]
    public void What_is_asked_for_twice_is_held_once()
    {
        Assert.True(Grant("a", 6));
        Assert.True(Grant("a", 6));
        Assert.True(Grant("b", 4));
        _ledger.Release(["a"]);
        _ledger.Release(["a"]);

        Assert.True(Grant("c", 6));
        Assert.False(Grant("d", 1));
    }

    [Fact]
    public void A_run_that_can_never_fit_is_refused_instead_of_queued()
    {
        Assert.Equal((CapacityLimit.TaskDpus, false), _ledger.Queue(Request("a", 11, purpose: StartOrQueue), Now));
        Assert.Equal((CapacityLimit.TaskDpus, false), _ledger.Queue(Request("a", 11, purpose: Queue), Now));
        Assert.Equal(
            (CapacityLimit.FlexDpus, false),
            _ledger.Queue(Request("a", 5, isFlex: true, purpose: StartOrQueue), Now)
        );
    }

    [Fact]
    public void Places_in_the_queue_are_bounded_and_a_run_has_one()
    {
        Fill();
        Assert.True(_ledger.Queue(Request("a", 1, purpose: StartOrQueue), Now).MayWait);
        Assert.True(_ledger.Queue(Request("a", 1, purpose: StartOrQueue), Now).MayWait);
        Assert.True(_ledger.Queue(Request("b", 1, purpose: Queue), Now).MayWait);
        Assert.True(_ledger.IsQueueFull);
        Assert.Equal((CapacityLimit.QueuedRuns, false), _ledger.Queue(Request("c", 1, purpose: StartOrQueue), Now));
        // One that waits already, or is owed, needs no place.
        Assert.True(_ledger.Queue(Request("c", 1, purpose: StartWhenPossible), Now).MayWait);

        _ledger.Release(["b"]);
        Assert.False(_ledger.IsQueueFull);
    }

    [Fact]
    public void A_run_that_starts_gives_its_place_in_the_queue_to_another_when_its_row_says_so()
    {
        Fill();
        _ledger.Queue(Request("a", 1, purpose: StartOrQueue), Now);
        _ledger.Queue(Request("b", 1, purpose: Queue), Now);
        _ledger.Release(["full"]);

        Assert.True(Grant("a", 1, purpose: StartWhenPossible));
        Assert.True(_ledger.IsQueueFull);

        _ledger.Correct(_ledger.BeginRead(), Roster([new("a", 1, false)], "b"), Now);
        Assert.False(_ledger.IsQueueFull);
    }

    [Fact]
    public void Nobody_takes_the_room_of_one_of_its_kind_who_has_waited_longer()
    {
        Fill();
        _ledger.Queue(Request("elder", 6, purpose: StartOrQueue, waited: 9), Now);
        _ledger.Release(["full"]);
        Assert.True(Grant("small", 5, job: "another", waited: 10)); // waited longer still

        // It would fit; the elder does not, yet.
        Assert.False(Grant("younger", 1));
        Assert.Equal((CapacityLimit.TaskDpus, true), _ledger.Queue(Request("younger", 1, purpose: StartOrQueue), Now));
        Assert.True(Grant("flex", 4, isFlex: true));

        // Now there is room for both.
        _ledger.Release(["small"]);
        Assert.True(Grant("younger", 1));
        Assert.True(Grant("elder", 6, waited: 9, purpose: StartWhenPossible));
    }

    [Fact]
    public void Jobs_are_called_when_there_is_room_for_their_runs_those_that_waited_longest_first()
    {
        Fill();
        _ledger.Queue(Request("c", 3, job: "third", purpose: StartWhenPossible, waited: 1), Now);
        _ledger.Queue(Request("a", 6, job: "first", purpose: StartWhenPossible, waited: 3), Now);
        _ledger.Queue(Request("b", 6, job: "second", purpose: StartWhenPossible, waited: 2), Now);
        _ledger.Queue(Request("f", 4, isFlex: true, job: "flex", purpose: StartWhenPossible), Now);
        Assert.Equal([Job("flex")], _ledger.TakeTurns(Now));

        _ledger.Release(["full"]);

        // The third would fit beside the first. But the second has waited longer.
        Assert.Equal([Job("first")], _ledger.TakeTurns(Now));
    }

    [Fact]
    public void A_job_is_called_once_for_all_its_runs_that_there_is_room_for()
    {
        Fill();
        foreach (var run in new[] { "a", "b", "c", "d" })
            _ledger.Queue(Request(run, 1, job: "one", purpose: StartWhenPossible), Now);
        _ledger.Release(["full"]);

        Assert.Equal([Job("one")], _ledger.TakeTurns(Now));
        Assert.Empty(_ledger.TakeTurns(Now));
    }

    /// <summary>A job may have no slot for its run, or be gone: then its turn passes.</summary>
    [Fact]
    public void Who_was_called_and_does_not_come_keeps_others_waiting_no_longer_than_a_turn()
    {
        Fill();
        _ledger.Queue(Request("elder", 10, purpose: StartOrQueue, waited: 9), Now);
        _ledger.Release(["full"]);
        _ledger.TakeTurns(Now);

        Assert.False(Grant("younger", 1, now: Now + CapacityLedger.TurnLasts));
        Assert.True(Grant("younger", 1, now: Now + CapacityLedger.TurnLasts + TimeSpan.FromTicks(1)));
    }

    /// <summary>A retry has no place in the queue by which the table could tell that it is not wanted any more.</summary>
    [Fact]
    public void Who_has_no_place_in_the_queue_and_stops_asking_is_forgotten()
    {
        Fill();
        _ledger.Queue(Request("retry", 10, purpose: StartWhenPossible, waited: 9), Now);
        _ledger.Release(["full"]);
        Assert.True(Grant("old", 1, job: "another", waited: 10));
        var soon = Now + CapacityLedger.PromiseLasts;
        var later = soon + TimeSpan.FromTicks(1);

        _ledger.Correct(_ledger.BeginRead(), Roster(), soon);
        Assert.False(Grant("younger", 1, now: soon));
        _ledger.Queue(Request("retry", 10, purpose: StartWhenPossible, waited: 9), soon);
        _ledger.Correct(_ledger.BeginRead(), Roster(), later);
        Assert.False(Grant("younger", 1, now: later));

        _ledger.Correct(_ledger.BeginRead(), Roster(), soon + CapacityLedger.PromiseLasts + TimeSpan.FromTicks(1));
        Assert.True(Grant("younger", 1, now: later));
    }

    [Fact]
    public void A_ledger_begins_with_what_the_table_says()
    {
        _ledger.Correct(_ledger.BeginRead(), Roster([new("a", 6, false), new("f", 4, true)], "w"), Now);

        Assert.Equal(2, _ledger.RunsHeld);
        Assert.False(Grant("b", 5));
        Assert.Equal((CapacityLimit.FlexDpus, false), _ledger.Queue(Request("c", 1, isFlex: true), Now));
        Assert.True(_ledger.Queue(Request("d", 5, purpose: StartOrQueue), Now).MayWait);
        Assert.True(_ledger.IsQueueFull);
    }

    [Fact]
    public void A_correction_drops_what_ended_unheard_and_takes_over_what_the_table_has()
    {
        _ledger.Correct(_ledger.BeginRead(), Roster([new("a", 6, false)], "w", "x"), Now);

        _ledger.Correct(_ledger.BeginRead(), Roster([new("w", 1, false)], "x"), Now);

        Assert.Equal(1, _ledger.RunsHeld);
        Assert.False(_ledger.IsQueueFull);
        Assert.True(Grant("b", 9));
    }

    [Fact]
    public void A_correction_leaves_alone_what_came_while_the_table_was_read()
    {
        _ledger.Correct(_ledger.BeginRead(), Roster([new("a", 6, false)]), Now);
        using var read = _ledger.BeginRead();
        Grant("b", 4);

        _ledger.Correct(read, Roster(), Now);

        Assert.Equal(1, _ledger.RunsHeld);
        Assert.False(Grant("c", 7));
    }

    [Fact]
    public void A_correction_leaves_alone_a_place_that_was_promised_while_the_table_was_read()
    {
        Fill();
        using var read = _ledger.BeginRead();
        Assert.True(_ledger.Queue(Request("a", 1, purpose: Queue), Now).MayWait);
        Assert.True(_ledger.Queue(Request("b", 1, purpose: Queue), Now).MayWait);

        // As late as if neither could get its row any more.
        _ledger.Correct(read, Roster(), Now + CapacityLedger.PromiseLasts * 2);

        Assert.True(_ledger.IsQueueFull);
    }

    [Fact]
    public void A_correction_takes_the_place_of_a_run_that_was_granted_while_the_table_was_read()
    {
        _ledger.Correct(_ledger.BeginRead(), Roster([], "w", "x"), Now);
        using var read = _ledger.BeginRead();
        Assert.True(Grant("w", 1));

        _ledger.Correct(read, Roster([new("w", 1, false)], "x"), Now);

        Assert.Equal((1, false), (_ledger.RunsHeld, _ledger.IsQueueFull));
    }

    /// <summary>Else nobody would be told of the room: who is told no goes by this very read.</summary>
    [Fact]
    public void A_correction_does_not_bring_back_what_was_released_while_the_table_was_read()
    {
        Grant("a", 6);
        using var read = _ledger.BeginRead();
        _ledger.Release(["a", "w"]);

        _ledger.Correct(read, Roster([new("a", 6, false)], "w"), Now);

        Assert.Equal(0, _ledger.RunsHeld);
        Assert.True(Grant("b", 9));
    }

    /// <summary>The row of a promise is on its way. When it cannot come any more, its epoch has to end first.</summary>
    [Fact]
    public void A_promise_without_a_row_holds_until_it_is_stale()
    {
        Grant("a", 6);
        var last = Now + CapacityLedger.PromiseLasts;
        _ledger.Correct(_ledger.BeginRead(), Roster(), last);
        Assert.Equal((1, false), (_ledger.RunsHeld, _ledger.HasStalePromises(last)));

        var late = last + TimeSpan.FromTicks(1);
        Assert.True(_ledger.HasStalePromises(late));
        _ledger.Correct(_ledger.BeginRead(), Roster(), late);

        Assert.Equal((0, false), (_ledger.RunsHeld, _ledger.HasStalePromises(late)));
    }

    [Fact]
    public void A_promise_that_became_a_row_is_not_stale_and_ends_with_it()
    {
        Grant("a", 6);
        _ledger.Correct(_ledger.BeginRead(), Roster([new("a", 6, false)]), Now);

        Assert.False(_ledger.HasStalePromises(Now + TimeSpan.FromDays(1)));
        _ledger.Correct(_ledger.BeginRead(), Roster(), Now);

        Assert.Equal(0, _ledger.RunsHeld);
    }

    [Fact]
    public void A_place_that_was_promised_and_never_used_is_free_again_when_it_is_stale()
    {
        Fill();
        _ledger.Queue(Request("a", 1, purpose: Queue), Now);
        _ledger.Queue(Request("b", 1, purpose: Queue), Now);

        _ledger.Correct(_ledger.BeginRead(), Roster([], "b"), Now + CapacityLedger.PromiseLasts);
        Assert.True(_ledger.IsQueueFull);

        _ledger.Correct(
            _ledger.BeginRead(),
            Roster([], "b"),
            Now + CapacityLedger.PromiseLasts + TimeSpan.FromTicks(1)
        );
        Assert.False(_ledger.IsQueueFull);
    }

    [Theory]
    [InlineData(CapacityLimit.ConcurrentRuns, 3)]
    [InlineData(CapacityLimit.TaskDpus, 10)]
    [InlineData(CapacityLimit.FlexDpus, 4)]
    [InlineData(CapacityLimit.QueuedRuns, 2)]
    public void The_value_of_a_limit_is_what_is_configured(CapacityLimit limit, int value) =>
        Assert.Equal(value, _ledger.Value(limit));

    /// <summary>All DPUs that are not FLEX, by one run.</summary>
    private void Fill() => Assert.True(Grant("full", 10, waited: 60));

    private bool Grant(
        string runId,
        double dpus,
        bool isFlex = false,
        string job = "job",
        CapacityPurpose purpose = Start,
        int waited = 0,
        DateTimeOffset? now = null
    ) =>
        _ledger.TryGrant(Request(runId, dpus, isFlex, job, purpose, waited), now ?? Now)
        && _ledger.Confirm(runId, now ?? Now);

    private static CapacityRequest Request(
        string runId,
        double dpus,
        bool isFlex = false,
        string job = "job",
        CapacityPurpose purpose = Start,
        int waited = 0
    ) => new(runId, Job(job), purpose, dpus, isFlex, Now.AddSeconds(-waited));

    private static JobKey Job(string name) => new("000000000000", name);

    private static AccountRoster Roster(IReadOnlyList<CapacityHolder>? holders = null, params string[] waiting) =>
        new(holders ?? [], waiting);
}
