using GlueOrleans.Grains;

namespace GlueOrleans.Executors;

/// <summary>When a file was written, whatever a script has made of that time.</summary>
internal static class FileTime
{
    /// <summary>Now, by the machine's clock, when the file has no time that there is yet.</summary>
    /// <param name="read">Asks the file system, where times may lie beyond the last that .NET has.</param>
    public static DateTimeOffset WrittenAt(Func<DateTime> read)
    {
        var now = TimeProvider.System.GetUtcNow();
        try
        {
            var at = new DateTimeOffset(read());
            return (at < now ? at : now).InMilliseconds();
        }
        catch (ArgumentOutOfRangeException)
        {
            return now.InMilliseconds();
        }
    }
}
