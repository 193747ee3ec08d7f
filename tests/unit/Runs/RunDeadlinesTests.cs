using GlueOrleans.Grains.Runs;
using Xunit;

namespace GlueOrleans.Tests.Unit.Runs;

public sealed class RunDeadlinesTests
{
    [Fact]
    public void On_a_faster_clock_deadlines_are_longer_and_history_is_not()
    {
        var deadlines = new RunDeadlines();

        deadlines.OnAClockAtSpeed(600);

        Assert.Equal(TimeSpan.FromHours(20), deadlines.LaunchDeadline);
        Assert.Equal(TimeSpan.FromHours(20), deadlines.StopDeadline);
        Assert.Equal(TimeSpan.FromMinutes(2), deadlines.ToWall(deadlines.LaunchDeadline));
        Assert.Equal(TimeSpan.FromMinutes(20), deadlines.ToNode(TimeSpan.FromSeconds(2)));
        Assert.Equal(TimeSpan.FromDays(90), deadlines.KeepHistory);
        Assert.True(new ValidateRunDeadlines().Validate(null, deadlines).Succeeded);
    }

    [Theory]
    [InlineData("-00:00:01", 100_000)]
    [InlineData("00:00:00", 600)]
    [InlineData("7.00:00:01", 1)]
    [InlineData("7.00:00:01", 600)]
    public void A_deadline_that_cannot_be_is_named_as_it_was_configured(string value, double speed)
    {
        var deadlines = new RunDeadlines { LaunchDeadline = TimeSpan.Parse(value) };
        deadlines.OnAClockAtSpeed(speed);

        var fault = Assert.Single(new ValidateRunDeadlines().Validate(null, deadlines).Failures!);

        Assert.Contains($"Runs:LaunchDeadline is {value}:", fault, StringComparison.Ordinal);
    }

    /// <summary>Whatever is configured: no deadline may leave the calendar, or be an exception at the start.</summary>
    [Theory]
    [InlineData("10675199.00:00:00")]
    [InlineData("-10675199.00:00:00")]
    public void A_deadline_beyond_all_bounds_is_refused_at_any_speed(string value)
    {
        foreach (var speed in new[] { 1, 3.7, 100_000 })
        {
            var deadlines = new RunDeadlines { StopDeadline = TimeSpan.Parse(value) };
            deadlines.OnAClockAtSpeed(speed);
            Assert.True(new ValidateRunDeadlines().Validate(null, deadlines).Failed);
        }
    }
}
