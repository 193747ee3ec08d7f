using System.Globalization;

namespace GlueOrleans.Silo;

/// <summary>
/// The folder of one embedded node. Everything it keeps is in here: <c>runs.db</c>, <c>grains.db</c>, a directory for each
/// run under <c>runs</c>, <c>events.jsonl</c>, and <c>clock.json</c> if it was run with a clock of its own. Held by one node
/// at a time.
/// </summary>
/// <remarks>
/// The lock is the operating system's on an open file, so it ends with the process, however that ends. Scripts do not
/// inherit it: .NET opens files close-on-exec.
/// </remarks>
internal sealed class DataFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private static readonly string[] Ours = ["*.db", "*.db-wal", "*.db-shm", "node.*", "events*.jsonl", "clock.json"];

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream @lock)
    {
        Path = path;
        _lock = @lock;
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    /// <summary>Makes the folder if need be, takes it, and sees that it can be written to.</summary>
    /// <exception cref="StartupException">It cannot be made, is read-only or full, or another node has it.</exception>
    public static DataFolder Take(string folder)
    {
        var path = System.IO.Path.GetFullPath(folder);
        try
        {
            // For this user only: arguments and logs of runs may hold secrets. A folder that exists keeps its mode.
            Directory.CreateDirectory(path, OwnerOnly);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var why = File.Exists(path)
                ? "there is a file of that name"
                : "its parent cannot be written to, or is no folder";
            throw new StartupException($"Cannot make the data folder {path}: {why}. Name another with --data.", e);
        }

        var owner = System.IO.Path.Combine(path, "node.pid");
        var @lock = Lock(path, owner);
        try
        {
            File.WriteAllText(owner, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            @lock.Dispose();
            throw new StartupException(
                $"Cannot write to the data folder {path}: {e.Message} Free space in it, or name another with --data.",
                e
            );
        }

        CloseFiles(path);
        return new DataFolder(path, @lock);
    }

    /// <summary>To what is in it and their own, of which they know the names: scripts that have a user id of their own. They see
    /// no list, and all else in it is closed.</summary>
    public void LetOthersThrough()
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path, File.GetUnixFileMode(Path) | UnixFileMode.OtherExecute);
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>What a node of before may have left open to others. Of a folder that was there, nothing else is changed.</summary>
    private static void CloseFiles(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var folder = new DirectoryInfo(path);
        foreach (
            var file in Ours.SelectMany(pattern => folder.EnumerateFiles(pattern))
                .Where(file => file.LinkTarget is null)
        )
        {
            try
            {
                file.UnixFileMode &= UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Another user's, which cannot be a secret of this node.
            }
        }
    }

    private static FileStream Lock(string path, string owner)
    {
        try
        {
            return new FileStream(
                System.IO.Path.Combine(path, "node.lock"),
                FileMode.OpenOrCreate,
                FileAccess.ReadWrite,
                FileShare.None
            );
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StartupException(
                $"Cannot write to the data folder {path}: {e.Message} Make it writable, or name another with --data.",
                e
            );
        }
        catch (IOException e) when (IsReadOnly(e))
        {
            throw new StartupException(
                $"Cannot write to the data folder {path}: it is on a read-only file system. Name another with --data.",
                e
            );
        }
        catch (IOException e) when (File.Exists(owner))
        {
            throw new StartupException(
                $"The data folder {path} is in use by another node (process {File.ReadAllText(owner)}). "
                    + "Stop that one, or name another folder with --data.",
                e
            );
        }
        catch (IOException e)
        {
            throw new StartupException(
                $"Cannot lock the data folder {path}: {e.Message} Free space in it, or name another with --data.",
                e
            );
        }
    }

    /// <summary>EROFS, which .NET knows by number only.</summary>
    private static bool IsReadOnly(IOException e) => e.HResult == 30;
}
