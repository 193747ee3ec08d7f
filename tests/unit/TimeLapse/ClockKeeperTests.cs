using GlueOrleans.Silo;
using GlueOrleans.Silo.TimeLapse;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace GlueOrleans.Tests.Unit.TimeLapse;

public sealed class ClockKeeperTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("glue-clock-").FullName;
    private readonly FakeTimeProvider _wall = new(new DateTimeOffset(2026, 3, 2, 12, 0, 0, TimeSpan.Zero));

    private string ClockFile => Path.Combine(_folder, "clock.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_that_was_never_run_faster_has_the_systems_clock_and_no_file()
    {
        using var keeper = Open(1);

        Assert.Same(_wall, keeper.Clock);
        Assert.Equal(1, keeper.Wall.NodeSpeed);
        Assert.Null(keeper.Description());
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_folder_that_was_run_faster_goes_on_from_there_in_real_time()
    {
        using (var fast = Open(3600))
        {
            await fast.StartAsync(TestContext.Current.CancellationToken);
            _wall.Advance(TimeSpan.FromSeconds(24));
            await fast.StopAsync(TestContext.Current.CancellationToken);
        }

        using var slow = Open(1);
        var ahead = slow.Clock.GetUtcNow() - _wall.GetUtcNow();
        Assert.InRange(ahead, TimeSpan.FromHours(23.9), TimeSpan.FromHours(24));
        Assert.Contains("1.0 days ahead", slow.Description(), StringComparison.Ordinal);
        _wall.Advance(TimeSpan.FromDays(2));
        Assert.Equal(ahead, slow.Clock.GetUtcNow() - _wall.GetUtcNow());
    }

    [Fact]
    public void A_node_that_was_killed_leaves_the_clock_to_the_next()
    {
        var killed = Open(600);
        _wall.Advance(TimeSpan.FromSeconds(100));
        var last = killed.Clock.GetUtcNow();

        using var next = Open(600);

        Assert.Equal(last, next.Clock.GetUtcNow());
    }

    [Fact]
    public async Task The_time_is_written_down_while_the_node_is_up()
    {
        using var keeper = Open(600);
        await keeper.StartAsync(TestContext.Current.CancellationToken);
        var first = ClockAnchor.Read(ClockFile)!;

        // Advancing before the loop waits would be lost on it; so go on until it has seen one.
        while (ClockAnchor.Read(ClockFile)!.Wall == first.Wall)
        {
            _wall.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.True(ClockAnchor.Read(ClockFile)!.Reached > first.Reached);
        await keeper.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(keeper.Clock.GetUtcNow(), ClockAnchor.Read(ClockFile)!.Reached);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{ \"Wall\": \"yesterday\" }")]
    public void A_file_that_is_no_clock_is_named_at_the_start(string content)
    {
        File.WriteAllText(ClockFile, content);

        var refusal = Assert.Throws<StartupException>(() => Open(1));

        Assert.Contains(ClockFile, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(ClockFile));
    }

    [Theory]
    [InlineData(0.5, false)]
    [InlineData(0, false)]
    [InlineData(double.NaN, false)]
    [InlineData(double.PositiveInfinity, false)]
    [InlineData(100_001, false)]
    [InlineData(1, true)]
    [InlineData(100_000, true)]
    public void A_speed_is_from_1_to_100000(double speed, bool isGood) =>
        Assert.Equal(isGood, new ValidateClockOptions().Validate(null, new ClockOptions { Speed = speed }).Succeeded);

    private ClockKeeper Open(double speed)
    {
        var keeper = ClockKeeper.Open(_folder, speed, _wall, NullLogger.Instance);
        keeper.Begin();
        return keeper;
    }
}
