using System.Text.Json;
using System.Text.Json.Serialization;

namespace GlueOrleans.Silo.TimeLapse;

/// <summary>A point that a node's clock has passed, and how it goes on from there: kept in the data folder.</summary>
internal sealed record ClockAnchor
{
    public required DateTimeOffset Wall { get; init; }

    /// <summary>What the node's clock showed at <see cref="Wall"/>.</summary>
    public required DateTimeOffset Node { get; init; }

    /// <summary>How many times faster than the wall's it has run since, whether a node was up or not.</summary>
    public required double Speed { get; init; }

    /// <summary>The latest that the node's clock can have shown before the next anchor was to be written.</summary>
    public required DateTimeOffset Reached { get; init; }

    /// <summary>What the node's clock shows at an instant of the wall's. Not before <see cref="Reached"/>, whatever the wall's
    /// clock was set back to meanwhile.</summary>
    public DateTimeOffset NodeAt(DateTimeOffset wall)
    {
        var node = Advance(Node, wall > Wall ? wall - Wall : TimeSpan.Zero, Speed);
        return node > Reached ? node : Reached;
    }

    /// <summary>This much wall time later, or earlier. From 1970, and to the year 8000, so that deadlines can still be
    /// added.</summary>
    public static DateTimeOffset Advance(DateTimeOffset node, TimeSpan wall, double speed)
    {
        var ticks = wall.Ticks * speed;
        if (ticks >= (Latest - node).Ticks)
            return Latest;
        return ticks > (DateTimeOffset.UnixEpoch - node).Ticks ? node.AddTicks((long)ticks) : DateTimeOffset.UnixEpoch;
    }

    private static readonly DateTimeOffset Latest = new(8000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary><c>null</c> when there is no such file.</summary>
    /// <exception cref="StartupException">There is, and it is no anchor.</exception>
    public static ClockAnchor? Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, ClockJson.Default.ClockAnchor) is { Speed: >= 1 } anchor
                ? anchor
                : throw new JsonException("It is empty, or its speed is below 1.");
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException(
                $"Cannot tell this data folder's time from {path}: {e.Message} Restore the file; or remove it, and the "
                    + "clock starts again from the wall's, which may be before what its runs show.",
                e
            );
        }
    }

    /// <summary>All of it or nothing, on disk when this returns.</summary>
    public void Write(string path)
    {
        var draft = path + ".new";
        using (var file = File.Create(draft))
        {
            JsonSerializer.Serialize(file, this, ClockJson.Default.ClockAnchor);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(ClockAnchor))]
internal sealed partial class ClockJson : JsonSerializerContext;
