using GlueOrleans.Silo.TimeLapse;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace GlueOrleans.Tests.Unit.TimeLapse;

public sealed class LapseClockTests
{
    private static readonly DateTimeOffset Monday = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _wall = new(Monday);

    [Theory]
    [InlineData(1)]
    [InlineData(2.5)]
    [InlineData(600)]
    [InlineData(100_000)]
    public void Shows_the_wall_time_at_first_and_then_passes_its_speed_times_as_fast(double speed)
    {
        var clock = new LapseClock(_wall, null, speed);
        var before = clock.GetTimestamp();
        Assert.Equal(Monday, clock.GetUtcNow());

        _wall.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(Monday.AddSeconds(3 * speed), clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(3 * speed), clock.GetElapsedTime(before));
    }

    [Fact]
    public void A_timer_fires_when_its_time_has_passed_on_the_fast_clock_and_never_earlier()
    {
        var clock = new LapseClock(_wall, null, 700);
        var rings = new List<DateTimeOffset>();
        using var timer = clock.CreateTimer(
            _ => rings.Add(clock.GetUtcNow()),
            null,
            TimeSpan.FromMinutes(10),
            TimeSpan.FromMinutes(5)
        );

        _wall.Advance(TimeSpan.FromMilliseconds(857)); // 10 min are 857.14 ms
        Assert.Empty(rings);
        _wall.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Single(rings);
        Assert.True(rings[0] >= Monday.AddMinutes(10));

        _wall.Advance(TimeSpan.FromMilliseconds(429)); // 5 min are 428.57 ms
        Assert.Equal(2, rings.Count);
        Assert.True(rings[1] - rings[0] >= TimeSpan.FromMinutes(5));
    }

    [Fact]
    public void A_timer_can_be_changed_stopped_and_set_for_now()
    {
        var clock = new LapseClock(_wall, null, 600);
        var rings = 0;
        using var timer = clock.CreateTimer(_ => rings++, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _wall.Advance(TimeSpan.FromDays(1));
        Assert.Equal(0, rings);

        Assert.True(timer.Change(TimeSpan.FromMinutes(10), Timeout.InfiniteTimeSpan));
        _wall.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(0, rings);
        _wall.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, rings);

        timer.Change(TimeSpan.FromMinutes(10), Timeout.InfiniteTimeSpan);
        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _wall.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, rings);

        timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        _wall.Advance(TimeSpan.Zero);
        Assert.Equal(2, rings);
    }

    [Fact]
    public async Task A_delay_takes_its_time_on_the_fast_clock()
    {
        var clock = new LapseClock(_wall, null, 3600);
        var day = Task.Delay(TimeSpan.FromDays(1), clock, TestContext.Current.CancellationToken);

        _wall.Advance(TimeSpan.FromSeconds(23));
        Assert.False(day.IsCompleted);
        _wall.Advance(TimeSpan.FromSeconds(1));

        await day;
    }

    /// <summary>What the wall's clock does while a node is up is nothing to the node's, which counts from its start.</summary>
    [Fact]
    public void Setting_the_wall_clock_while_the_node_is_up_changes_nothing()
    {
        var wall = new SettableClock();
        var clock = new LapseClock(wall, null, 600);
        wall.Pass(TimeSpan.FromSeconds(10));

        wall.Set(TimeSpan.FromHours(-5));
        Assert.Equal(wall.Start.AddSeconds(6000), clock.GetUtcNow());
        wall.Set(TimeSpan.FromHours(5));
        wall.Pass(TimeSpan.FromSeconds(1));

        Assert.Equal(wall.Start.AddSeconds(6600), clock.GetUtcNow());
    }

    [Fact]
    public void The_next_start_goes_on_from_where_the_clock_has_come_to_whatever_its_speed()
    {
        var first = new LapseClock(_wall, null, 600);
        _wall.Advance(TimeSpan.FromSeconds(100));
        var anchor = first.Anchor(TimeSpan.Zero);
        _wall.Advance(TimeSpan.FromSeconds(10));
        var then = first.GetUtcNow();

        foreach (var speed in new[] { 600, 1, 2, 100_000d })
        {
            var second = new LapseClock(_wall, anchor, speed);
            Assert.Equal(then, second.GetUtcNow());
            var before = _wall.GetUtcNow();
            _wall.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(then.AddSeconds(speed), second.GetUtcNow());
            _wall.AdjustTime(before);
        }
    }

    [Fact]
    public void A_wall_clock_that_is_set_back_between_two_starts_does_not_set_the_node_clock_back()
    {
        var wall = new SettableClock();
        var first = new LapseClock(wall, null, 600);
        wall.Pass(TimeSpan.FromSeconds(100));
        var anchor = first.Anchor(untilNext: TimeSpan.FromSeconds(2));
        wall.Pass(TimeSpan.FromSeconds(1.9)); // and then the node is killed
        var last = first.GetUtcNow();

        foreach (var back in new[] { 1.8, 100, 100_000 })
        {
            wall.Set(TimeSpan.FromSeconds(-back));
            var second = new LapseClock(wall, anchor, 1);
            Assert.InRange(second.GetUtcNow(), last, last.AddSeconds(0.1 * 600));
        }
    }

    [Fact]
    public void A_files_time_is_told_on_the_node_clock_from_before_the_start_as_well()
    {
        var first = new LapseClock(_wall, null, 600);
        _wall.Advance(TimeSpan.FromSeconds(10));
        var (earlier, earlierOnNode) = (_wall.GetUtcNow(), first.GetUtcNow());
        _wall.Advance(TimeSpan.FromSeconds(10));
        var second = new LapseClock(_wall, first.Anchor(TimeSpan.Zero), 2);
        _wall.Advance(TimeSpan.FromSeconds(10));
        var (later, laterOnNode) = (_wall.GetUtcNow(), second.GetUtcNow());
        _wall.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(earlierOnNode, second.ToNode(earlier));
        Assert.Equal(laterOnNode, second.ToNode(later));
        Assert.Equal(second.GetUtcNow(), second.ToNode(_wall.GetUtcNow()));
        // Never in the future: a file's clock may be a little ahead.
        Assert.Equal(second.GetUtcNow(), second.ToNode(_wall.GetUtcNow().AddSeconds(1)));
    }

    [Fact]
    public void A_file_older_than_the_calendar_of_a_fast_clock_is_told_as_of_1970()
    {
        var clock = new LapseClock(_wall, new LapseClock(_wall, null, 100_000).Anchor(TimeSpan.Zero), 1);

        Assert.Equal(DateTimeOffset.UnixEpoch, clock.ToNode(DateTimeOffset.UnixEpoch));
    }

    [Fact]
    public void The_clock_stands_still_before_the_calendar_ends()
    {
        var clock = new LapseClock(_wall, null, 100_000);

        _wall.Advance(TimeSpan.FromDays(3650));

        Assert.Equal(8000, clock.GetUtcNow().Year);
        Assert.Equal(8000, new LapseClock(_wall, clock.Anchor(TimeSpan.FromSeconds(2)), 100_000).GetUtcNow().Year);
    }

    /// <summary>A machine's two clocks: one that can be set, and one that only goes on.</summary>
    private sealed class SettableClock : TimeProvider
    {
        public readonly DateTimeOffset Start = Monday;
        private TimeSpan _passed;
        private TimeSpan _set;

        public void Pass(TimeSpan time) => _passed += time;

        public void Set(TimeSpan off) => _set = off;

        public override DateTimeOffset GetUtcNow() => Start + _passed + _set;

        public override long GetTimestamp() => _passed.Ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    }
}
