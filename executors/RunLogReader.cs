using System.Buffers;
using System.Text;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Options;
using Microsoft.Win32.SafeHandles;

namespace GlueOrleans.Executors;

/// <summary>Reads <c>stdout.log</c> and <c>stderr.log</c> of runs, a buffer at a time, also while they grow.</summary>
/// <remarks>
/// A position is an offset in the file, which is only ever appended to: what was read once reads the same for ever. An
/// event is a line; one of more than <see cref="MaxEventBytes"/> is several.
/// </remarks>
internal sealed class RunLogReader(IOptions<ProcessExecutorOptions> options) : INodeLogs
{
    /// <summary>Bytes; CloudWatch's own limit of old. A longer line is cut, and not waited for until it ends.</summary>
    public const int MaxEventBytes = 256 << 10;

    public async Task<RunLogPart?> Read(RunRecord run, RunLog log, RunLogRange range)
    {
        try
        {
            using var handle = new RunDirectory(options.Value.RunsFolder, run.Id).OpenLog(log != RunLog.Output);
            var length = RandomAccess.GetLength(handle);
            // Taken after the length: nothing below it was written later.
            var writtenAt = FileTime.WrittenAt(() => File.GetLastWriteTimeUtc(handle));
            var (from, to) = Window(range, length);
            var buffer = ArrayPool<byte>.Shared.Rent((int)(to - from));
            try
            {
                var bytes = buffer.AsMemory(0, await Fill(handle, buffer.AsMemory(0, (int)(to - from)), from));
                // A position to read backwards from is one where an event ended.
                var keepsLast = range.Backwards && range.Position is not null;
                keepsLast |= from + bytes.Length == length && run.State.IsTerminal();
                var (start, picked) = Pick(bytes, from, keepsLast, range);
                return new RunLogPart
                {
                    Events = [.. picked.Select(line => new RunLogEvent(from + line.Start, Text(bytes.Span, line)))],
                    Start = from + (picked is [var first, ..] ? first.Start : start),
                    End = from + (picked is [.., var last] ? last.End : start),
                    NotBefore = run.StartedOn,
                    NotAfter = writtenAt > run.StartedOn ? writtenAt : run.StartedOn,
                };
            }
            finally
            {
                // Scripts print what is nobody else's business, and the pool gives the array to anyone.
                ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
            }
        }
        catch (Exception e) when (e is FileNotFoundException or UnauthorizedAccessException)
        {
            // What the script has put in the place of its log is not shown.
            return null;
        }
    }

    private static async Task<int> Fill(SafeFileHandle handle, Memory<byte> buffer, long position)
    {
        var filled = 0;
        int more;
        while ((more = await RandomAccess.ReadAsync(handle, buffer[filled..], position + filled)) > 0)
            filled += more;
        return filled;
    }

    /// <summary>The bytes to look at: as many as may be answered, from the position on or up to it.</summary>
    private static (long From, long To) Window(RunLogRange range, long length)
    {
        var position = Math.Clamp(range.Position ?? (range.Backwards ? length : 0), 0, length);
        return range.Backwards
            ? (Math.Max(0, position - range.MaxBytes), position)
            : (position, Math.Min(length, position + range.MaxBytes));
    }

    /// <summary>The events to answer with, and where they were looked for, in case there are none.</summary>
    private static (int Start, Line[] Picked) Pick(
        ReadOnlyMemory<byte> bytes,
        long from,
        bool keepsLast,
        RunLogRange range
    )
    {
        var start = range.Backwards && from > 0 ? FirstLineStart(bytes.Span) : 0;
        var picked = new Queue<Line>();
        var size = 0;
        foreach (var line in Lines(bytes, start, keepsLast))
        {
            size += line.Size;
            if (!range.Backwards && (size > range.MaxBytes || picked.Count == range.MaxEvents))
                break;
            picked.Enqueue(line);
            // Backwards it is the last ones that count.
            while (size > range.MaxBytes || picked.Count > range.MaxEvents)
                size -= picked.Dequeue().Size;
        }

        return (start, picked.ToArray());
    }

    private static IEnumerable<Line> Lines(ReadOnlyMemory<byte> bytes, int start, bool keepsLast)
    {
        while (start < bytes.Length)
        {
            var rest = bytes[start..].Span;
            var within = rest[..Math.Min(rest.Length, MaxEventBytes)];
            var length = within.IndexOf((byte)'\n') + 1;
            if (length == 0)
            {
                if (rest.Length > MaxEventBytes)
                    length = WholeCharacters(rest);
                else if (keepsLast)
                    length = rest.Length;
                else
                    yield break;
            }

            yield return new Line(start, length);
            start += length;
        }
    }

    /// <summary>Of bytes that begin anywhere: after the line that is cut, or at a character of one that does not end.</summary>
    private static int FirstLineStart(ReadOnlySpan<byte> bytes)
    {
        var lineEnd = bytes.IndexOf((byte)'\n') + 1;
        if (lineEnd > 0 && lineEnd < bytes.Length)
            return lineEnd;
        var start = 0;
        while (start < bytes.Length && start < 3 && IsContinuation(bytes[start]))
            start++;
        return start;
    }

    /// <summary>Up to <see cref="MaxEventBytes"/>, and not through a character.</summary>
    private static int WholeCharacters(ReadOnlySpan<byte> bytes)
    {
        var length = MaxEventBytes;
        while (length > MaxEventBytes - 3 && IsContinuation(bytes[length]))
            length--;
        return length;
    }

    private static bool IsContinuation(byte utf8) => (utf8 & 0xC0) == 0x80;

    private static string Text(ReadOnlySpan<byte> bytes, Line line) =>
        Encoding.UTF8.GetString(bytes.Slice(line.Start, line.Length));

    private readonly record struct Line(int Start, int Length)
    {
        public int End => Start + Length;

        /// <summary>What it counts for.</summary>
        public int Size => Length + RunLogRange.EventOverhead;
    }
}
