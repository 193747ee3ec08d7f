using System.Globalization;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Jobs;

namespace GlueOrleans.Grains.Runs;

/// <summary>
/// When a streaming run is restarted for maintenance (glue-behaviour.md 5.3): after seven days, in its window if it has
/// one; its script may finish what it has begun, but not beyond fourteen days.
/// </summary>
/// <remarks>A run with a Timeout is not restarted: a timeout is always less than seven days.</remarks>
public static class MaintenanceWindow
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);
    private static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(14);

    /// <summary>How late in its window a restart may still begin.</summary>
    private static readonly TimeSpan Length = TimeSpan.FromHours(3);

    /// <summary>When the run is to be restarted, seen from <paramref name="now"/>; <c>null</c>: never. A window that is over
    /// is missed, and the next one meant.</summary>
    /// <remarks>A run that a restart has begun was accepted within its window, and so becomes a week old within it: it is
    /// restarted then and there, and not when the next window opens, which would be at two weeks.</remarks>
    public static DateTimeOffset? RestartAt(RunRecord run, DateTimeOffset now)
    {
        if (run.Settings is not { Command.Name: JobCommands.SparkStreaming, Timeout: null })
            return null;
        var due = run.StartedOn + Lifetime;
        return run.Settings.MaintenanceWindow is { } window
            ? Earlier(FirstWithin(window, Later(due, now)), run.StartedOn + LongestLifetime)
            : due;
    }

    /// <summary>Until when the script may finish what it has begun once the restart is asked for.</summary>
    public static DateTimeOffset DrainsUntil(RunRecord run) => run.StartedOn + LongestLifetime;

    /// <summary>The first instant from <paramref name="from"/> on at which a restart may begin.</summary>
    private static DateTimeOffset FirstWithin(string window, DateTimeOffset from) =>
        Later(from, NextOpening(window, from - Length));

    /// <summary>The first instant from <paramref name="from"/> on that the window <c>Sun:10</c> opens at. GMT.</summary>
    private static DateTimeOffset NextOpening(string window, DateTimeOffset from)
    {
        var parts = window.Split(':');
        var day = Array.IndexOf(CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedDayNames, parts[0]);
        var opens = new DateTimeOffset(from.UtcDateTime.Date, TimeSpan.Zero)
            .AddDays((day - (int)from.UtcDateTime.DayOfWeek + 7) % 7)
            .AddHours(int.Parse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture));
        return opens < from ? opens.AddDays(7) : opens;
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
