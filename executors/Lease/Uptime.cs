using System.Globalization;

namespace GlueOrleans.Executors.Lease;

/// <summary>
/// The clock that a lease is watched by: how long the machine has been up. The same for this process, for the next one and
/// for guard.sh; nobody sets it; and it counts the time for which the machine slept.
/// </summary>
/// <remarks>In hundredths of a second. Where there is no /proc/uptime, it is the time since 1970.</remarks>
internal static class Uptime
{
    private const string File = "/proc/uptime";

    /// <summary>For how long what the file said is added to by the kernel's clock. In a container the two may differ, and what
    /// counts is the file, which is all that a shell can see.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    private static volatile Reading? _last;

    /// <param name="Uptime">As the file said it.</param>
    /// <param name="At">By the kernel's clock, just before.</param>
    private sealed record Reading(TimeSpan Uptime, TimeSpan At);

    public static TimeSpan Now()
    {
        if (!OperatingSystem.IsLinux())
            return TimeSpan.FromMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 10 * 10);
        var at = Posix.SinceBoot();
        if (_last is { } last && at - last.At is { } gone && gone < Fresh)
            return last.Uptime + gone;
        var read = Read();
        // One that was held up between the two does not know when it was read.
        if (at is { } before && Posix.SinceBoot() - before < Instant)
            _last = new Reading(read, before);
        return read;
    }

    private static TimeSpan Read()
    {
        var text = System.IO.File.ReadAllText(File);
        var hundredths = text[..text.IndexOf(' ', StringComparison.Ordinal)].Replace(".", "", StringComparison.Ordinal);
        return FromHundredths(long.Parse(hundredths, NumberStyles.None, CultureInfo.InvariantCulture));
    }

    public static long InHundredths(TimeSpan uptime) => uptime.Ticks / (TimeSpan.TicksPerMillisecond * 10);

    public static TimeSpan FromHundredths(long hundredths) =>
        TimeSpan.FromTicks(hundredths * TimeSpan.TicksPerMillisecond * 10);
}
