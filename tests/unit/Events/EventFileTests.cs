using System.Text;
using GlueOrleans.Grains;
using GlueOrleans.Silo.Events;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace GlueOrleans.Tests.Unit.Events;

public sealed class EventFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("glue-events-").FullName;

    private string EventsFile => Path.Combine(_folder, "events.jsonl");
    private string OldFile => Path.Combine(_folder, "events.1.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task What_is_queued_when_the_node_stops_is_written()
    {
        await Write(maxBytes: 1000, "{1}", "{2}", "{3}");

        Assert.Equal(["{1}", "{2}", "{3}"], await Lines(EventsFile));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(EventsFile));
    }

    [Fact]
    public async Task A_file_that_is_full_is_put_aside_between_two_lines_and_only_the_last_one_kept()
    {
        // 10 bytes with its end: two fit.
        await Write(maxBytes: 25, [.. Enumerable.Range(1, 5).Select(i => $"{{event {i}}}")]);

        Assert.Equal(["{event 5}"], await Lines(EventsFile));
        Assert.Equal(["{event 3}", "{event 4}"], await Lines(OldFile));
        Assert.Equal(2, Directory.GetFiles(_folder).Length);
    }

    [Fact]
    public async Task The_next_node_goes_on_with_the_file()
    {
        await Write(maxBytes: 25, "{event 1}");
        await Write(maxBytes: 25, "{event 2}");
        await Write(maxBytes: 25, "{event 3}");

        Assert.Equal(["{event 1}", "{event 2}"], await Lines(OldFile));
        Assert.Equal(["{event 3}"], await Lines(EventsFile));
    }

    [Theory]
    [InlineData("{event 1}\n{ev", "{event 1}")]
    [InlineData("{ev")]
    [InlineData("")]
    public async Task What_a_crash_left_of_a_line_is_cut_off(string left, params string[] whole)
    {
        await File.WriteAllTextAsync(EventsFile, left, TestContext.Current.CancellationToken);

        await Write(maxBytes: 1000, "{event 2}");

        var lines = await Lines(EventsFile);
        Assert.Equal([.. whole, "{event 2}"], lines);
    }

    [Fact]
    public async Task A_long_piece_of_a_line_is_cut_off_too()
    {
        await File.WriteAllTextAsync(
            EventsFile,
            "{event 1}\n" + new string('x', 10_000),
            TestContext.Current.CancellationToken
        );

        await Write(maxBytes: 1000, "{event 2}");

        Assert.Equal(["{event 1}", "{event 2}"], await Lines(EventsFile));
    }

    [Fact]
    public async Task An_event_larger_than_the_file_may_be_has_a_file_of_its_own()
    {
        await Write(maxBytes: 5, "{event 1}", "{event 2}");

        Assert.Equal(["{event 1}"], await Lines(OldFile));
        Assert.Equal(["{event 2}"], await Lines(EventsFile));
    }

    private async Task Write(long maxBytes, params string[] events)
    {
        using var file = new EventFile(
            EventsFile,
            maxBytes,
            new OneClock(TimeProvider.System),
            NullLogger<EventFile>.Instance
        );
        await file.StartAsync(TestContext.Current.CancellationToken);
        foreach (var document in events)
            file.Offer(Encoding.UTF8.GetBytes(document));
        await file.StopAsync(TestContext.Current.CancellationToken);
        file.Offer(Encoding.UTF8.GetBytes("{too late}"));
    }

    private static Task<string[]> Lines(string file) =>
        File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
}
