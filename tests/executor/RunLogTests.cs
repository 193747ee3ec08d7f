using System.Text;
using GlueOrleans.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Executor;

/// <summary>Reading what a run printed, a part at a time, also while more is being printed.</summary>
public sealed class RunLogTests : ExecutorTest
{
    private const int Much = 1 << 20;
    private const int EventBytes = RunLogReader.MaxEventBytes;

    [Fact]
    public async Task What_a_script_printed_is_read_line_by_line_from_both_logs()
    {
        var run = ARun("import sys\nprint('one\\ntwo')\nsys.stderr.write('three')") with
        {
            State = JobRunState.Succeeded,
        };
        await Exit(run);

        Assert.Equal(["one\n", "two\n"], Texts(await Read(run, Forwards())));
        Assert.Equal(["three"], Texts(await Read(run, Forwards(), RunLog.Error)));
    }

    [Fact]
    public async Task A_log_that_is_not_there_yet_is_none() =>
        Assert.Null(await Reader().Read(ARunAt("x"), RunLog.Output, Forwards()));

    [Fact]
    public async Task A_line_is_read_once_it_has_ended_or_the_run_has()
    {
        var run = Logged("one\ntw"u8);
        var first = await Read(run, Forwards());
        Assert.Equal(["one\n"], Texts(first));
        Assert.Equal(["one\n"], Texts(await Read(run, Backwards())));
        Append(run, "o\nthree"u8);
        var second = await Read(run, Forwards(first.End));
        Assert.Equal(["two\n"], Texts(second));
        Assert.Empty((await Read(run, Forwards(second.End))).Events);
        Assert.Equal(second.End, (await Read(run, Forwards(second.End))).End);

        run = run with { State = JobRunState.Failed };
        Assert.Equal(["three"], Texts(await Read(run, Forwards(second.End))));
        Assert.Equal(["one\n", "two\n", "three"], Texts(await Read(run, Backwards())));
    }

    /// <summary>Whatever is printed: both directions give all of it, in parts within their limits, and the same events.</summary>
    [Theory]
    [InlineData(1, Much)]
    [InlineData(3, Much)]
    [InlineData(10_000, EventBytes + RunLogRange.EventOverhead)]
    [InlineData(10_000, Much)]
    public async Task All_parts_together_are_the_log(int maxEvents, int maxBytes)
    {
        var random = new Random(1);
        var text = new StringBuilder();
        for (var line = 0; line < 60; line++)
            text.Append(new string("xä€"[random.Next(3)], random.Next(line % 7 == 0 ? EventBytes / 3 : 40)))
                .Append('\n');
        text.Append("\n\n\r\nno end");
        var run = Logged(Encoding.UTF8.GetBytes(text.ToString())) with { State = JobRunState.Succeeded };

        var forwards = new List<RunLogEvent>();
        await foreach (var part in Parts(run, new RunLogRange { MaxEvents = maxEvents, MaxBytes = maxBytes }))
            forwards.AddRange(part);
        var backwards = new List<RunLogEvent>();
        var range = new RunLogRange
        {
            Backwards = true,
            MaxEvents = maxEvents,
            MaxBytes = maxBytes,
        };
        await foreach (var part in Parts(run, range))
            backwards.InsertRange(0, part);

        Assert.Equal(text.ToString(), string.Concat(forwards.Select(e => e.Text)));
        Assert.Equal(forwards, backwards);
        Assert.Equal(64, forwards.Count);
    }

    [Fact]
    public async Task A_line_longer_than_an_event_is_cut_between_characters_and_not_waited_for()
    {
        var line = "x" + new string('ä', EventBytes * 3);
        var run = Logged(Encoding.UTF8.GetBytes(line));

        var first = await Read(run, Forwards());
        Assert.Equal(3, first.Events.Count);
        Assert.All(first.Events, e => Assert.Equal(EventBytes - 1, Encoding.UTF8.GetByteCount(e.Text), 1.0));
        var second = await Read(run, Forwards(first.End));
        Assert.DoesNotContain('�', string.Concat(Texts(first)) + string.Concat(Texts(second)));
        Assert.StartsWith(string.Concat(Texts(first)) + string.Concat(Texts(second)), line, StringComparison.Ordinal);
        Assert.DoesNotContain('�', string.Concat(Texts(await Read(run, Backwards()))));
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_replaced()
    {
        var run = Logged([0x61, 0xFF, 0x62, 0x0A, 0x00, 0x0A]);
        Assert.Equal(["a�b\n", "\0\n"], Texts(await Read(run, Forwards())));
    }

    [Fact]
    public async Task Of_a_large_log_only_a_part_is_read()
    {
        var run = Logged([]);
        var lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("0123456789abcde\n", 1 << 16)));
        for (var megabyte = 0; megabyte < 64; megabyte++)
            Append(run, lines);

        var before = GC.GetTotalAllocatedBytes(precise: true);
        var part = await Read(run, Backwards(maxEvents: 5));
        Assert.Equal(5, part.Events.Count);
        Assert.Equal(64L << 20, part.End);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 16 << 20);
    }

    [Fact]
    public async Task The_times_are_those_between_which_the_lines_were_printed()
    {
        var run = Logged("x\n"u8) with { StartedOn = DateTimeOffset.UnixEpoch.AddDays(1) };
        var file = RunLogFiles.Of(RunsFolder, run.Id).StandardOutput;
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddDays(2));
        var part = await Read(run, Forwards());
        Assert.Equal((run.StartedOn, DateTimeOffset.UnixEpoch.AddDays(2)), (part.NotBefore, part.NotAfter));
        // A file system's clock may be behind: a log is not written to before its run starts.
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        Assert.Equal(run.StartedOn, (await Read(run, Forwards())).NotAfter);
    }

    private RunLogReader Reader() => new(Microsoft.Extensions.Options.Options.Create(Options));

    private async Task<RunLogPart> Read(RunRecord run, RunLogRange range, RunLog log = RunLog.Output)
    {
        var part = await Reader().Read(run, log, range);
        Assert.NotNull(part);
        Assert.True(part.Events.Count <= range.MaxEvents);
        var size = part.Events.Sum(e => Encoding.UTF8.GetByteCount(e.Text) + RunLogRange.EventOverhead);
        Assert.True(size <= range.MaxBytes, $"{size} bytes");
        return part;
    }

    private async IAsyncEnumerable<IReadOnlyList<RunLogEvent>> Parts(RunRecord run, RunLogRange range)
    {
        while (true)
        {
            var part = await Read(run, range);
            if (part.Events.Count == 0)
                yield break;
            yield return part.Events;
            range = range with { Position = range.Backwards ? part.Start : part.End };
        }
    }

    private static RunLogRange Forwards(long? position = null) =>
        new()
        {
            Position = position,
            MaxEvents = 10_000,
            MaxBytes = Much,
        };

    private static RunLogRange Backwards(int maxEvents = 10_000) =>
        new()
        {
            Backwards = true,
            MaxEvents = maxEvents,
            MaxBytes = Much,
        };

    private static IEnumerable<string> Texts(RunLogPart part) => part.Events.Select(e => e.Text);

    private RunRecord Logged(ReadOnlySpan<byte> output)
    {
        var run = ARunAt("x.py") with { State = JobRunState.Running };
        Directory.CreateDirectory(Path.Combine(RunsFolder, run.Id));
        Append(run, output);
        return run;
    }

    private void Append(RunRecord run, ReadOnlySpan<byte> output)
    {
        using var file = new FileStream(RunLogFiles.Of(RunsFolder, run.Id).StandardOutput, FileMode.Append);
        file.Write(output);
    }
}
