namespace GlueOrleans.Grains;

public static class Instants
{
    /// <summary>Now, cut to the whole milliseconds that rows and the API keep: what is written reads back equal.</summary>
    public static DateTimeOffset GetUtcMilliseconds(this TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        return new DateTimeOffset(now.Ticks - now.Ticks % TimeSpan.TicksPerMillisecond, TimeSpan.Zero);
    }
}
