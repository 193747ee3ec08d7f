namespace GlueOrleans.Executors;

/// <summary>Deletes folders that scripts have written to, and so may have anything in them.</summary>
internal static class RunTrash
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>With all that is in it; links are deleted, not followed. Nothing happens when it is not there.</summary>
    public static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException) { }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder that a script has made read-only keeps what is in it. Its owner may change that.
            Open(new DirectoryInfo(folder));
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Open(DirectoryInfo folder)
    {
        folder.UnixFileMode |= Own;
        foreach (var inner in folder.EnumerateDirectories())
        {
            if (inner.LinkTarget is null)
                Open(inner);
        }
    }
}
