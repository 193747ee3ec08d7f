using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.Grains.Executors;
using GlueOrleans.Grains.Ports;
using Xunit;

namespace GlueOrleans.Tests.Unit.Executors;

public sealed class ExecutorPoolTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ExecutorPool _pool = new();

    [Fact]
    public void Runs_are_spread_by_how_much_of_each_node_is_used()
    {
        _pool.SetNodes([Node("small", maxRuns: 2), Node("large", maxRuns: 4)]);

        Assert.Equal(["large", "large", "large", "large", "small", "small"], Places(6).Order());
        Assert.Null(Place("one more"));
    }

    [Fact]
    public void Whichever_bound_of_a_node_is_reached_first_counts()
    {
        _pool.SetNodes([Node("a", maxRuns: 2, dpus: 4)]);

        Assert.Equal(4, _pool.RoomFor(1, 100) + _pool.RoomFor(2, 100));
        Assert.Equal("a", Place("large", 4)?.Node);
        Assert.Null(Place("small", 0.0625));
        Assert.Equal("a", Place("nothing", 0)?.Node);
        Assert.Null(Place("third", 0));
    }

    [Fact]
    public void Nodes_without_bounds_take_turns()
    {
        _pool.SetNodes([Node("a"), Node("b")]);

        Assert.Equal(["a", "a", "b", "b"], Places(4).Order());
        Assert.Equal(100, _pool.RoomFor(50, 100));
    }

    [Fact]
    public void Without_nodes_nothing_is_placed_and_nothing_is_too_large()
    {
        Assert.Null(Place("a"));
        Assert.False(_pool.IsTooLarge(1));
        _pool.SetNodes([Node("a", dpus: 4), Node("b", dpus: 8)]);
        Assert.False(_pool.IsTooLarge(8));
        Assert.True(_pool.IsTooLarge(8.0625));
    }

    /// <summary>Its node may have refused it, or the answer was lost.</summary>
    [Fact]
    public void A_run_that_asks_again_is_counted_once_and_goes_elsewhere_if_it_can()
    {
        _pool.SetNodes([Node("a", maxRuns: 1), Node("b", maxRuns: 9)]);
        var first = Place("run")!.Node;
        var second = Place("run")!.Node;
        Assert.NotEqual(first, second);

        _pool.SetNodes([Node("a", maxRuns: 1)]);
        Assert.Equal("a", Place("run")?.Node);
        Assert.Equal("a", Place("run")?.Node);
    }

    [Fact]
    public void Room_is_kept_for_those_ahead_where_they_have_to_wait_least()
    {
        _pool.SetNodes([Node("a", dpus: 4), Node("b", dpus: 8)]);
        Assert.Equal("b", Place("in the way", 6)?.Node);

        // It does not fit; the only node that will do is kept for it.
        Assert.Equal("a", Place("younger", 2, ahead: [8])?.Node);
        Assert.Equal("a", Place("next", 2, ahead: [8])?.Node);
        Assert.Null(Place("last", 2, ahead: [8]));
        Assert.Equal("b", Place("last", 2)?.Node);
    }

    [Fact]
    public void One_ahead_that_is_too_large_for_every_node_keeps_nobody_waiting()
    {
        _pool.SetNodes([Node("a", dpus: 4)]);

        Assert.Equal("a", Place("run", 4, ahead: [5])?.Node);
    }

    [Fact]
    public void What_the_table_says_counts_and_what_was_promised_since_stays()
    {
        _pool.SetNodes([Node("a", maxRuns: 2)]);
        Place("promised");
        using var read = _pool.BeginRead();
        _pool.Correct(read, [Holder("old", "a", epoch: 0)], Now);
        Assert.Null(Place("refused"));

        _pool.Correct(_pool.BeginRead(), [], Now);
        Assert.NotNull(Place("next"));
        Assert.Null(Place("refused"));
    }

    [Fact]
    public void A_roster_that_is_older_than_a_promise_says_nothing_about_it()
    {
        _pool.SetNodes([Node("a", maxRuns: 1), Node("b", maxRuns: 1)]);
        using var read = _pool.BeginRead();
        var placed = Place("run")!;
        var elsewhere = placed.Node == "a" ? "b" : "a";

        _pool.Correct(read, [Holder("run", elsewhere)], Now);

        Assert.Equal(elsewhere, Place("other")?.Node);
    }

    [Fact]
    public void A_roster_that_is_older_than_a_release_does_not_take_the_room_again()
    {
        _pool.SetNodes([Node("a", maxRuns: 1)]);
        Place("run");
        using var read = _pool.BeginRead();
        _pool.Release("run");

        _pool.Correct(read, [Holder("run", "a")], Now);

        Assert.NotNull(Place("next"));
    }

    [Fact]
    public void A_promise_without_a_row_runs_out()
    {
        _pool.SetNodes([Node("a", maxRuns: 1)]);
        Place("lost");
        Assert.Equal(["lost"], _pool.PromisedBesides([]));

        _pool.Correct(_pool.BeginRead(), [], Now + ExecutorPool.PromiseLasts);
        Assert.Null(Place("next"));
        _pool.Correct(_pool.BeginRead(), [], Now + ExecutorPool.PromiseLasts + TimeSpan.FromTicks(1));
        Assert.NotNull(Place("next"));
    }

    [Fact]
    public void What_is_released_twice_is_free_once()
    {
        _pool.SetNodes([Node("a", maxRuns: 2)]);
        Place("one");
        Place("two");
        _pool.Release("one");
        _pool.Release("one");

        Assert.Equal(1, _pool.RoomFor(1, 9));
    }

    private IEnumerable<string> Places(int count) => Enumerable.Range(0, count).Select(i => Place($"run {i}")!.Node);

    private ExecutorTenure? Place(string runId, double dpus = 1, double[]? ahead = null) =>
        _pool.TryPlace(runId, dpus, Now, ahead ?? []);

    private static ExecutorNode Node(string name, int maxRuns = 0, double dpus = 0) =>
        new(new ExecutorTenure(name, 1), IsAccepting: true, maxRuns, dpus);

    private static ExecutorHolder Holder(string runId, string node, long epoch = 1) =>
        new(runId, new ExecutorTenure(node, epoch), 1);
}
