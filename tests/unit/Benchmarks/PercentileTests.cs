using GlueOrleans.Benchmarks.Load.Measures;
using Xunit;

namespace GlueOrleans.Tests.Unit.Benchmarks;

/// <summary>Percentiles of times that were all kept.</summary>
public sealed class PercentileTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(50, 50)]
    [InlineData(99, 99)]
    [InlineData(100, 100)]
    public void So_many_of_a_hundred_times_are_not_longer(double percent, double expected) =>
        Assert.Equal(
            expected,
            Percentile.Of([.. Enumerable.Range(1, 100).Reverse().Select(ms => TimeSpan.FromMilliseconds(ms))], percent)
        );

    [Fact]
    public void Of_one_time_every_percentile_is_that_time() =>
        Assert.Equal(7, Percentile.Of([TimeSpan.FromMilliseconds(7)], 99));
}
