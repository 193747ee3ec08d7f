using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.Ports;
using Xunit;

namespace GlueOrleans.Tests.Unit.Jobs;

public sealed class RunQueueTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly SlotLedger _slots = new(new JobRoster(9, [], [], []));
    private readonly RunQueue _queue = new(
        new JobRoster(9, [], [ARun("b", 5), ARun("a", 3)], [new OwedRun("x", Now), new OwedRun("y", Now.AddHours(1))])
    );

    [Fact]
    public void First_come_is_first_whatever_the_order_in_which_the_queue_heard_of_them()
    {
        _queue.Add(ARun("c", 4));

        Assert.Equal(["a", "c", "b"], Waiting());
    }

    [Fact]
    public void A_run_that_comes_back_takes_its_old_place_and_has_only_one()
    {
        _queue.Remove("a");
        Assert.Equal(["b"], Waiting());

        _queue.Add(ARun("a", 3));
        _queue.Add(ARun("a", 3) with { StateDetail = "another limit" });

        Assert.Equal(["a", "b"], Waiting());
        Assert.Equal("another limit", _queue.Waiting[0].StateDetail);
    }

    [Fact]
    public void The_queue_may_change_while_it_is_worked_on()
    {
        foreach (var run in _queue.Waiting)
            _queue.Remove(run.Id);

        Assert.Empty(_queue.Waiting);
        Assert.False(_queue.Contains("a"));
    }

    [Fact]
    public void A_run_whose_row_is_being_written_is_ahead_of_those_that_come_meanwhile()
    {
        var queue = new RunQueue(new JobRoster(0, [], [], []));
        Assert.False(queue.HasWaiting(isFlex: false));

        queue.Expect("a", isFlex: false);
        Assert.True(queue.HasWaiting(isFlex: false));
        Assert.False(queue.HasWaiting(isFlex: true));
        Assert.Empty(queue.Waiting);

        queue.Abandon("a");
        Assert.False(queue.HasWaiting(isFlex: false));
    }

    [Fact]
    public void A_run_whose_row_is_written_waits_until_it_leaves()
    {
        var queue = new RunQueue(new JobRoster(0, [], [], []));
        queue.Expect("f", isFlex: true);
        queue.Add(ARun("f", 1) with { IsFlex = true });
        Assert.True(queue.HasWaiting(isFlex: true));

        queue.Remove("f");

        Assert.False(queue.HasWaiting(isFlex: true));
        Assert.True(queue.IsEmpty);
    }

    [Fact]
    public void What_is_owed_is_due_the_earliest_first_until_it_is_settled()
    {
        Assert.Equal(["x"], Owed(Now));
        Assert.Empty(Owed(Now.AddMilliseconds(-1)));
        Assert.Equal(["x", "y"], Owed(Now.AddHours(1)));
        Assert.Equal(Now.AddHours(1), _queue.NextDueAfter(Now));

        _queue.Settle("y");
        _queue.Owe(new OwedRun("z", Now.AddSeconds(-1)));

        Assert.Equal(["z", "x"], Owed(Now));
        Assert.Null(_queue.NextDueAfter(Now));
    }

    [Fact]
    public void The_next_after_a_run_is_the_next_of_its_kind()
    {
        var (a, b, c) = (ARun("a", 3), ARun("b", 5) with { IsFlex = true }, ARun("c", 7));
        foreach (var run in (WaitingRun[])[c, a, b])
            _queue.Add(run);

        Assert.Equal("c", _queue.NextAfter(a)?.Id);
        Assert.Null(_queue.NextAfter(c));
    }

    [Fact]
    public void A_correction_takes_over_what_the_table_has_and_drops_what_it_has_not()
    {
        var roster = new JobRoster(9, [], [ARun("b", 5), ARun("d", 7)], [new OwedRun("z", Now)]);

        _queue.Correct(_queue.BeginRead(), roster, _slots);

        Assert.Equal(["b", "d"], Waiting());
        Assert.Equal(["z"], Owed(Now.AddDays(1)));
    }

    /// <summary>Ids are most of what a run in the queue takes, and the account keeps the same text.</summary>
    [Fact]
    public void A_correction_keeps_no_second_text_of_an_id()
    {
        const string id = "jr_1";
        _queue.Add(ARun(id, 10));
        foreach (var detail in new[] { "a limit", "another limit" })
        {
            var read = ARun(new string(id.AsSpan()), 10) with { StateDetail = detail };

            _queue.Correct(_queue.BeginRead(), new JobRoster(9, [], [read], []), _slots);

            var run = Assert.Single(_queue.Waiting);
            Assert.Equal(detail, run.StateDetail);
            Assert.Same(id, run.Id);
        }
    }

    [Fact]
    public void A_correction_leaves_alone_what_came_while_the_table_was_read()
    {
        using var read = _queue.BeginRead();
        _queue.Add(ARun("new", 10));
        _queue.Owe(new OwedRun("new", Now));

        _queue.Correct(read, new JobRoster(9, [], [], []), _slots);

        Assert.Equal(["new"], Waiting());
        Assert.Equal(["new"], Owed(Now));
    }

    [Fact]
    public void A_correction_does_not_bring_back_what_left_while_the_table_was_read()
    {
        var roster = new JobRoster(9, [], [ARun("a", 3), ARun("b", 5)], [new OwedRun("y", Now), new OwedRun("z", Now)]);
        using var read = _queue.BeginRead();
        _queue.Remove("a");
        _queue.Settle("y");

        _queue.Correct(read, roster, _slots);

        Assert.Equal(["b"], Waiting());
        Assert.Equal(["z"], Owed(Now));
    }

    /// <summary>The roster may have been read before the run was admitted: it must not be admitted twice.</summary>
    [Fact]
    public void A_correction_does_not_put_a_run_back_that_holds_a_slot_by_now()
    {
        var roster = new JobRoster(9, [], [ARun("a", 3), ARun("b", 5)], []);
        using var read = _queue.BeginRead();
        _queue.Remove("a");
        _slots.Reserve("a");

        _queue.Correct(read, roster, _slots);

        Assert.Equal(["b"], Waiting());
    }

    private IEnumerable<string> Waiting() => _queue.Waiting.Select(run => run.Id);

    private IEnumerable<string> Owed(DateTimeOffset now) => _queue.OwedAt(now).Select(owed => owed.PreviousRunId);

    private static WaitingRun ARun(string id, long ordinal) => new(id, ordinal, 1, IsFlex: false, Now, "a limit");
}
