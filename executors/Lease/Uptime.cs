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

    public static TimeSpan Now()
    {
        if (!OperatingSystem.IsLinux())
            return TimeSpan.FromMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 10 * 10);
        var text = System.IO.File.ReadAllText(File);
        var hundredths = text[..text.IndexOf(' ', StringComparison.Ordinal)].Replace(".", "", StringComparison.Ordinal);
        return FromHundredths(long.Parse(hundredths, NumberStyles.None, CultureInfo.InvariantCulture));
    }

    public static long InHundredths(TimeSpan uptime) => uptime.Ticks / (TimeSpan.TicksPerMillisecond * 10);

    public static TimeSpan FromHundredths(long hundredths) =>
        TimeSpan.FromTicks(hundredths * TimeSpan.TicksPerMillisecond * 10);
}
