using GlueOrleans.Benchmarks.Load.Measuring;
using Xunit;

namespace GlueOrleans.Tests.Unit.Benchmarks;

/// <summary>What the benchmarks say of figures.</summary>
public sealed class ComparisonTests
{
    [Fact]
    public void A_ratio_is_taken_in_each_round_and_the_median_of_the_rounds_counts()
    {
        var comparison = Of([10, 90, 30], [10, 100, 10], Goal.RatioAtLeast(1));

        Assert.Equal([1.0, 0.9, 3.0], comparison.Results);
        Assert.Equal((1.0, 0.9, 3.0), (comparison.Median, comparison.Min, comparison.Max));
        Assert.True(comparison.IsReached);
    }

    [Fact]
    public void The_median_of_an_even_number_of_rounds_lies_between_the_two_in_the_middle()
    {
        var comparison = Of([1, 4, 2, 100], [1, 1, 1, 1], Goal.RatioAtLeast(3.1));

        Assert.Equal(3.0, comparison.Median);
        Assert.False(comparison.IsReached);
    }

    [Fact]
    public void More_than_the_yardstick_by_at_most_so_much_is_in_its_unit()
    {
        Assert.True(Of([40, 41], [30, 31], Goal.ExcessAtMost(10)).IsReached);
        Assert.False(Of([40, 43], [30, 31], Goal.ExcessAtMost(10)).IsReached);
    }

    [Fact]
    public void A_figure_may_stand_by_itself()
    {
        var comparison = new Comparison("memory", "KB", new Series("run", [5, 7]), null, Goal.FigureAtMost(6));

        Assert.Equal(6, comparison.Median);
        Assert.True(comparison.IsReached);
    }

    [Fact]
    public void A_ratio_to_nothing_reaches_no_goal()
    {
        Assert.False(Of([0], [0], Goal.RatioAtLeast(0)).IsReached);
        Assert.False(Of([0], [0], Goal.RatioAtMost(1)).IsReached);
    }

    [Fact]
    public void Without_a_goal_nothing_is_reached_or_missed() => Assert.Null(Of([1], [1], Goal.None()).IsReached);

    private static Comparison Of(double[] system, double[] yardstick, Goal goal) =>
        new("what", "/s", new Series("system", system), new Series("yardstick", yardstick), goal);
}
