using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.Ports;
using Xunit;

namespace GlueOrleans.Tests.Unit.Jobs;

public sealed class SlotLedgerTests
{
    private readonly SlotLedger _slots = new(new JobRoster(7, ["a", "b"], [], []));

    [Fact]
    public void It_begins_with_what_the_table_says()
    {
        Assert.Equal(2, _slots.SlotsHeld);
        Assert.Equal(8, _slots.NextOrdinal());
    }

    [Fact]
    public void A_reserved_slot_is_held_until_the_row_is_known_not_to_exist()
    {
        _slots.Reserve("c");
        Assert.Equal(3, _slots.SlotsHeld);

        _slots.Abandon("c");
        Assert.Equal(2, _slots.SlotsHeld);
    }

    [Fact]
    public void A_run_that_ends_before_its_creation_is_answered_does_not_hold_its_slot_for_ever()
    {
        _slots.Reserve("c");
        _slots.Release("c");
        _slots.Commit("c");

        Assert.Equal(2, _slots.SlotsHeld);
    }

    [Fact]
    public void A_correction_drops_runs_that_ended_unheard_and_finds_runs_of_another_activation()
    {
        using var read = _slots.BeginRead();
        _slots.Correct(read, new JobRoster(9, ["b", "x"], [], []));

        Assert.Equal(2, _slots.SlotsHeld);
        Assert.Equal(10, _slots.NextOrdinal());
    }

    [Fact]
    public void A_correction_leaves_alone_what_was_committed_while_the_table_was_read()
    {
        using var read = _slots.BeginRead();
        _slots.Reserve("c");
        _slots.Commit("c");
        _slots.Correct(read, new JobRoster(7, ["a"], [], []));

        Assert.Equal(2, _slots.SlotsHeld); // a and c
    }

    [Fact]
    public void A_correction_does_not_bring_back_what_was_released_while_the_table_was_read()
    {
        using var read = _slots.BeginRead();
        _slots.Release("a");
        _slots.Correct(read, new JobRoster(8, ["a", "b"], [], []));

        Assert.Equal(1, _slots.SlotsHeld);
    }

    [Fact]
    public void A_reservation_that_the_table_shows_already_counts_once()
    {
        _slots.Reserve("c");
        _slots.Correct(_slots.BeginRead(), new JobRoster(8, ["a", "b", "c"], [], []));

        Assert.Equal(3, _slots.SlotsHeld);
    }
}
