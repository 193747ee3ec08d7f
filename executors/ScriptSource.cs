using System.Text.RegularExpressions;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Executors;

/// <summary>Brings a run's script into its directory, from wherever its location points.</summary>
internal sealed partial class ScriptSource(S3Scripts s3, LocalScripts local)
{
    /// <summary>Bytes; more is no script.</summary>
    public const long Largest = 64 << 20;

    private const int CopyBufferBytes = 80 * 1024;

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

        if (location.Any(char.IsControl))
        {
            var shown = string.Concat(location.Select(c => char.IsControl(c) ? '?' : c));
            return $"Script {shown} has a control character in its location. Correct Command.ScriptLocation.";
        }

        // Complete or not there: a node that dies here leaves only a draft.
        var draft = $"{destination}.{Guid.NewGuid():N}";
        try
        {
            var fault = Scheme().Match(location) is { Success: true } match
                ? match.Groups[1].Value.ToLowerInvariant() switch
                {
                    "file" => await local.FetchUrl(location, draft, cancellation),
                    "s3" or "s3a" or "s3n" => await s3.Fetch(location, draft, cancellation),
                    var scheme => $"Script {location} cannot be fetched: {scheme}:// is not supported. "
                        + "Use a path, a file:// or an s3:// URL.",
                }
                : await local.FetchPath(location, draft, cancellation);
            if (fault is null)
                File.Move(draft, destination, overwrite: true);
            return fault;
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Copies a script, which may turn out larger than it said, or grow meanwhile.</summary>
    /// <inheritdoc cref="Fetch" path="/returns"/>
    public static async Task<string?> Copy(
        Stream content,
        string destination,
        string location,
        CancellationToken cancellation
    )
    {
        await using var copy = new FileStream(destination, FileMode.CreateNew, FileAccess.Write);
        var buffer = new byte[CopyBufferBytes];
        int read;
        while ((read = await content.ReadAsync(buffer, cancellation)) > 0)
        {
            if (copy.Position + read > Largest)
                return $"Script {location} has more than {Largest} bytes, the most that are taken for a script.";
            await copy.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }

        return null;
    }

    [GeneratedRegex("^([A-Za-z][A-Za-z0-9+.-]*)://")]
    private static partial Regex Scheme();
}
