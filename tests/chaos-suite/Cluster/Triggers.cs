namespace GlueOrleans.Tests.ChaosSuite.Cluster;

/// <summary>Arms the named points of the nodes: tests/chaos-node/NamedPoints.cs.</summary>
internal sealed class Triggers
{
    public Triggers(string folder) => Folder = Directory.CreateDirectory(folder).FullName;

    public string Folder { get; }

    public void Arm(string point, string action)
    {
        var draft = Path.Combine(Folder, $".{point}.{Guid.NewGuid():N}");
        File.WriteAllText(draft, action);
        File.Move(draft, Path.Combine(Folder, point), overwrite: true);
    }

    /// <summary>False: it was taken before.</summary>
    public bool Disarm(string point)
    {
        try
        {
            File.Move(Path.Combine(Folder, point), Path.Combine(Folder, $".{point}.disarmed"), overwrite: true);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    public bool IsArmed(string point) => File.Exists(Path.Combine(Folder, point));

    /// <summary>The points at which this process was told to kill itself.</summary>
    public bool WasKilledAtAPoint(int pid) =>
        Directory.EnumerateFiles(Folder, $"*.taken.*.{pid}.*").Any(taken => File.ReadAllText(taken).Trim() == "kill");
}
