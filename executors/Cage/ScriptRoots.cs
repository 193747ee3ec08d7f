namespace GlueOrleans.Executors.Cage;

/// <summary>Where on the node's disks scripts may come from (Executor:ScriptRoots).</summary>
internal sealed class ScriptRoots(ProcessExecutorOptions options)
{
    /// <summary>Nobody keeps scripts there, and much that is nobody's business is.</summary>
    private static readonly string[] SystemFolders = ["/etc", "/proc", "/sys", "/dev", "/run", "/boot"];

    /// <summary>The samples are shipped with the program, wherever that is installed.</summary>
    private static readonly string Shipped = Path.Combine(AppContext.BaseDirectory, "samples");

    /// <summary>The same for what is there and for what is not.</summary>
    public static string Refusal(string location) =>
        $"Script {location} is not in a folder that scripts may come from (Executor:ScriptRoots). Put it into one, "
        + "or have the folder added on this node.";

    /// <summary>Whether a file may be a script.</summary>
    /// <param name="location">As it was named.</param>
    /// <param name="path">As it was found: without links in it.</param>
    public bool Admit(string location, string path) =>
        IsNamed(location) && IsInside(path) && (!MustBePublic || IsPublic(path));

    /// <summary>Whether one may be told that there is nothing at this path: when it would lie inside.</summary>
    public bool AdmitMissing(string path)
    {
        if (!IsNamed(path))
            return false;
        for (var folder = Path.GetDirectoryName(path); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            try
            {
                // As the missing file would be called there.
                var real = UntrustedFile.Resolve(folder);
                return IsInside(Path.Join(real, Path.GetRelativePath(folder, path)))
                    && (!MustBePublic || IsSearchable(real));
            }
            catch (FileNotFoundException) { }
        }

        return false;
    }

    /// <summary>Links out of the system's folders (/proc/self/cwd) lead to what need not be named so.</summary>
    private bool IsNamed(string location) =>
        options.ScriptRoots.Count > 0 || !SystemFolders.Any(folder => IsIn(folder, location));

    private bool IsInside(string path)
    {
        if (Resolved([options.RunsFolder, options.DataFolder]).Any(own => IsIn(own, path)))
            return false;
        if (options.ScriptRoots.Count > 0)
            return Resolved(options.ScriptRoots).Any(root => IsIn(root, path));
        return Resolved([Shipped]).Any(shipped => IsIn(shipped, path))
            || !(Resolved(SystemFolders).Any(folder => IsIn(folder, path)) || HasHiddenPart(path));
    }

    /// <summary>A node that may read everything must not do so for scripts that may not.</summary>
    private bool MustBePublic => options is { ScriptRoots.Count: 0, Range: not null };

    private static bool IsPublic(string path)
    {
        return !OperatingSystem.IsWindows()
            && Has(path, UnixFileMode.OtherRead)
            && IsSearchable(Path.GetDirectoryName(path)!);
    }

    private static bool IsSearchable(string path)
    {
        for (var folder = path; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (!Has(folder, UnixFileMode.OtherExecute))
                return false;
        }

        return true;
    }

    private static bool Has(string path, UnixFileMode bit) => (File.GetUnixFileMode(path) & bit) != 0;

    private static bool HasHiddenPart(string path) => path.Split('/').Any(part => part.StartsWith('.'));

    private static bool IsIn(string folder, string path) =>
        path == folder || path.StartsWith(folder.TrimEnd('/') + '/', StringComparison.Ordinal);

    /// <summary>Without links, as the paths are that they are compared with.</summary>
    private static IEnumerable<string> Resolved(IEnumerable<string?> folders)
    {
        foreach (var folder in folders)
        {
            if (string.IsNullOrEmpty(folder))
                continue;
            string resolved;
            try
            {
                resolved = UntrustedFile.Resolve(Path.GetFullPath(folder));
            }
            catch (FileNotFoundException)
            {
                resolved = Path.GetFullPath(folder).TrimEnd('/');
            }

            yield return resolved;
        }
    }
}
