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

    [Theory]
    [InlineData(nameof(RunDeadlines.RetryPause), "00:00:00", true)]
    [InlineData(nameof(RunDeadlines.RetryPause), "7.00:00:00", true)]
    [InlineData(nameof(RunDeadlines.RetryPause), "-00:00:01", false)]
    [InlineData(nameof(RunDeadlines.RetryPause), "10675199.00:00:00", false)]
    [InlineData(nameof(RunDeadlines.QueueDeadline), "00:00:00", true)]
    [InlineData(nameof(RunDeadlines.QueueDeadline), "365.00:00:00", true)]
    [InlineData(nameof(RunDeadlines.QueueDeadline), "-00:00:01", false)]
    [InlineData(nameof(RunDeadlines.QueueDeadline), "365.00:00:01", false)]
    [InlineData(nameof(RunDeadlines.FlexDeadline), "00:00:01", true)]
    [InlineData(nameof(RunDeadlines.FlexDeadline), "365.00:00:00", true)]
    [InlineData(nameof(RunDeadlines.FlexDeadline), "00:00:00", false)]
    [InlineData(nameof(RunDeadlines.FlexDeadline), "10675199.00:00:00", false)]
    public void What_follows_a_run_and_how_long_it_waits_is_bounded(string setting, string value, bool isRight)
    {
        var deadlines = new RunDeadlines();
        typeof(RunDeadlines).GetProperty(setting)!.SetValue(deadlines, TimeSpan.Parse(value));

        var result = new ValidateRunDeadlines().Validate(null, deadlines);

        Assert.Equal(isRight, result.Succeeded);
        if (!isRight)
            Assert.StartsWith($"Runs:{setting} is {value}: give ", Assert.Single(result.Failures!));
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
