using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Runs;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.Unit.Runs;

/// <summary>glue-behaviour.md 5.3. 2026-01-01 was a Thursday.</summary>
public sealed class MaintenanceWindowTests
{
    [Fact]
    public void Without_a_window_a_streaming_run_is_restarted_a_week_after_it_was_accepted()
    {
        var run = AStreamingRun("2026-01-01T12:34:56Z", window: null);

        Assert.Equal(At("2026-01-08T12:34:56Z"), MaintenanceWindow.RestartAt(run, run.StartedOn));
        // However late anybody looks.
        Assert.Equal(At("2026-01-08T12:34:56Z"), MaintenanceWindow.RestartAt(run, At("2026-01-20T00:00:00Z")));
    }

    [Theory]
    // The run is a week old on Thursday the 8th at noon: the window after that.
    [InlineData("Thu:13", "2026-01-08T13:00:00Z")]
    [InlineData("Fri:0", "2026-01-09T00:00:00Z")]
    [InlineData("Sun:9", "2026-01-11T09:00:00Z")]
    [InlineData("Sun:09", "2026-01-11T09:00:00Z")]
    [InlineData("Sun:10", "2026-01-11T10:00:00Z")]
    [InlineData("Wed:23", "2026-01-14T23:00:00Z")]
    [InlineData("Thu:8", "2026-01-15T08:00:00Z")]
    // It becomes a week old within its window, which is three hours long.
    [InlineData("Thu:10", "2026-01-08T12:00:00Z")]
    [InlineData("Thu:12", "2026-01-08T12:00:00Z")]
    public void With_a_window_it_is_restarted_in_the_first_one_after_a_week(string window, string expected)
    {
        var run = AStreamingRun("2026-01-01T12:00:00Z", window);

        Assert.Equal(At(expected), MaintenanceWindow.RestartAt(run, run.StartedOn));
    }

    [Fact]
    public void A_window_that_opens_late_in_the_evening_reaches_into_the_next_day()
    {
        var run = AStreamingRun("2026-01-02T00:30:00Z", "Thu:23");

        Assert.Equal(At("2026-01-09T00:30:00Z"), MaintenanceWindow.RestartAt(run, run.StartedOn));
    }

    /// <summary>A restart is accepted a moment after its window opened. It must not wait for two weeks to pass.</summary>
    [Fact]
    public void A_restart_is_itself_restarted_a_week_later()
    {
        var run = AStreamingRun("2026-01-01T12:00:00Z", "Sun:10");
        for (var week = 0; week < 5; week++)
        {
            var restart = MaintenanceWindow.RestartAt(run, run.StartedOn)!.Value;
            var successor = AStreamingRun("2026-01-01T00:00:00Z", "Sun:10") with { StartedOn = restart.AddSeconds(40) };
            Assert.Equal(At("2026-01-11T10:00:00Z").AddDays(7 * week).AddSeconds(40 * week), restart);
            run = successor;
        }
    }

    /// <summary>An hour of a window is one of GMT, whatever offset an instant was written with.</summary>
    [Fact]
    public void The_window_is_in_GMT()
    {
        var run = AStreamingRun("2026-01-04T23:00:00-05:00", "Mon:5");

        Assert.Equal(At("2026-01-12T05:00:00Z"), MaintenanceWindow.RestartAt(run, run.StartedOn));
    }

    [Theory]
    [InlineData("2026-01-11T10:00:00Z", "2026-01-11T10:00:00Z")]
    [InlineData("2026-01-11T12:59:59Z", "2026-01-11T12:59:59Z")]
    [InlineData("2026-01-11T13:00:00Z", "2026-01-11T13:00:00Z")]
    // Over: but the next one would be later than two weeks.
    [InlineData("2026-01-11T13:00:01Z", "2026-01-15T12:00:00Z")]
    [InlineData("2026-01-20T00:00:00Z", "2026-01-15T12:00:00Z")]
    public void Who_looks_within_the_window_may_restart_now_and_after_it_waits(string now, string expected)
    {
        var run = AStreamingRun("2026-01-01T12:00:00Z", "Sun:10");

        Assert.Equal(At(expected), MaintenanceWindow.RestartAt(run, At(now)));
    }

    [Theory]
    [InlineData("gluestreaming", 10079)]
    [InlineData("glueetl", null)]
    [InlineData("pythonshell", 2880)]
    public void Nothing_else_is_restarted(string command, int? timeout)
    {
        var run = AStreamingRun("2026-01-01T12:00:00Z", "Sun:10");
        run = run with
        {
            Settings = run.Settings with
            {
                Command = new JobCommand { Name = command },
                Timeout = timeout,
            },
        };

        Assert.Null(MaintenanceWindow.RestartAt(run, run.StartedOn));
    }

    [Fact]
    public void A_run_may_finish_what_it_has_begun_until_it_is_two_weeks_old() =>
        Assert.Equal(
            At("2026-01-15T12:00:00Z"),
            MaintenanceWindow.DrainsUntil(AStreamingRun("2026-01-01T12:00:00Z", "Sun:10"))
        );

    private static RunRecord AStreamingRun(string acceptedOn, string? window) =>
        ARun()
            .StartedOn(At(acceptedOn))
            .WithSettings(settings =>
                settings with
                {
                    Command = new JobCommand { Name = "gluestreaming" },
                    Timeout = null,
                    MaintenanceWindow = window,
                }
            );

    private static DateTimeOffset At(string instant) => DateTimeOffset.Parse(instant, null);
}
