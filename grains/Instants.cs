namespace GlueOrleans.Grains;

public static class Instants
{
    /// <summary>Now, cut to the whole milliseconds that rows and the API keep: what is written reads back equal.</summary>
    public static DateTimeOffset GetUtcMilliseconds(this TimeProvider clock) => clock.GetUtcNow().InMilliseconds();

    /// <summary>Cut to whole milliseconds, in UTC.</summary>
    public static DateTimeOffset InMilliseconds(this DateTimeOffset instant) =>
        new(instant.UtcTicks - instant.UtcTicks % TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
}
