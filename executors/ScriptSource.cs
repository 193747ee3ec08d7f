using System.Text.RegularExpressions;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Executors;

/// <summary>Brings a run's script into its directory, from wherever its location points.</summary>
internal sealed partial class ScriptSource(S3Scripts s3)
{
    /// <summary>Returns <c>null</c>, or a sentence that says why there is no script and what to do.</summary>
    public async Task<string?> Fetch(RunRecord run, string destination, CancellationToken cancellation)
    {
        // The argument wins over the command (glue-behaviour.md 6.1.5).
        var location =
            ScriptArguments.Value(run.Settings, "--scriptLocation") ?? run.Settings.Command.ScriptLocation?.Trim();
        if (string.IsNullOrEmpty(location))
        {
            return $"Job {run.Job.Name} names no script: set Command.ScriptLocation to a path, a file:// or an s3:// URL.";
        }

        // Complete or not there: a node that dies here leaves only a draft.
        var draft = $"{destination}.{Guid.NewGuid():N}";
        try
        {
            var fault = Scheme().Match(location) is { Success: true } match
                ? match.Groups[1].Value.ToLowerInvariant() switch
                {
                    "file" => LocalScripts.FetchUrl(location, draft),
                    "s3" or "s3a" or "s3n" => await s3.Fetch(location, draft, cancellation),
                    var scheme => $"Script {location} cannot be fetched: {scheme}:// is not supported. "
                        + "Use a path, a file:// or an s3:// URL.",
                }
                : LocalScripts.FetchPath(location, draft);
            if (fault is null)
                File.Move(draft, destination, overwrite: true);
            return fault;
        }
        finally
        {
            File.Delete(draft);
        }
    }

    [GeneratedRegex("^([A-Za-z][A-Za-z0-9+.-]*)://")]
    private static partial Regex Scheme();
}

/// <summary>Scripts on the node's own disks.</summary>
internal static class LocalScripts
{
    private const long LargestScript = 64 << 20;

    public static string? FetchUrl(string url, string destination)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host is not ("" or "localhost"))
            return $"Script {url} names another host. A file URL has three slashes: file:///path/of/script.py.";
        return FetchPath(Uri.UnescapeDataString(uri.AbsolutePath), destination);
    }

    public static string? FetchPath(string path, string destination)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full))
            return $"Script {full} is a directory. Name the file in Command.ScriptLocation.";
        if (!File.Exists(full))
            return $"Script {full} does not exist on this node. Put it there, or correct Command.ScriptLocation.";
        try
        {
            // Devices and the kernel's own files (a node's environment is one) have content without length; pipes no place.
            using var script = Posix.OpenWithoutWaiting(full);
            using var content = new FileStream(script, FileAccess.Read);
            if (!content.CanSeek || (content.Length == 0 && content.ReadByte() >= 0))
                return $"Script {full} is no regular file. Name one in Command.ScriptLocation.";
            if (content.Length > LargestScript)
                return $"Script {full} has {content.Length} bytes; at most {LargestScript} are taken for a script.";
            using var copy = new FileStream(destination, FileMode.CreateNew, FileAccess.Write);
            content.CopyTo(copy);
            return null;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return $"Script {full} cannot be copied into the run's directory: {e.Message}";
        }
    }
}
