using GlueOrleans.Executors.Cage;

namespace GlueOrleans.Executors;

/// <summary>Scripts on the node's own disks.</summary>
/// <remarks>Which file a location means is decided once, when it has been found; what counts is where that file really is.
/// Outside of the roots nobody learns what there is: what is missing and what is not allowed get the same answer.</remarks>
internal sealed class LocalScripts(ScriptRoots roots)
{
    /// <inheritdoc cref="FetchPath"/>
    public async Task<string?> FetchUrl(string url, string destination, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host is not ("" or "localhost"))
            return $"Script {url} names another host. A file URL has three slashes: file:///path/of/script.py.";
        var path = Uri.UnescapeDataString(uri.AbsolutePath);
        return path.Any(char.IsControl)
            ? $"Script {url} has a control character in its location. Correct Command.ScriptLocation."
            : await FetchPath(path, destination, cancellation);
    }

    /// <summary>Returns <c>null</c>, or a sentence that says why there is no script and what to do.</summary>
    public async Task<string?> FetchPath(string path, string destination, CancellationToken cancellation)
    {
        var full = Path.GetFullPath(path);
        try
        {
            using var found = UntrustedFile.Find(full);
            if (!roots.Admit(full, found.Path))
                return ScriptRoots.Refusal(full);
            using var script = found.Open();
            await using var content = new FileStream(script, FileAccess.Read);
            return await ScriptSource.Copy(content, destination, full, cancellation);
        }
        catch (FileNotFoundException)
        {
            return roots.AdmitMissing(full)
                ? $"Script {full} does not exist on this node. Put it there, or correct Command.ScriptLocation."
                : ScriptRoots.Refusal(full);
        }
        catch (NotAFileException e)
        {
            return $"Script {full} is {(e.IsFolder ? "a directory. Name the file" : "no regular file. Name one")} in "
                + "Command.ScriptLocation.";
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return $"Script {full} cannot be copied into the run's directory: {e.Message}";
        }
    }
}
