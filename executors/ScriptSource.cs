using System.Text.RegularExpressions;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Executors;

/// <summary>Brings a run's script into its directory, from wherever its location points.</summary>
internal sealed partial class ScriptSource(S3Scripts s3, LocalScripts local)
{
    /// <summary>Bytes; more is no script.</summary>
    public const long Largest = 64 << 20;

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
                    "file" => local.FetchUrl(location, draft),
                    "s3" or "s3a" or "s3n" => await s3.Fetch(location, draft, cancellation),
                    var scheme => $"Script {location} cannot be fetched: {scheme}:// is not supported. "
                        + "Use a path, a file:// or an s3:// URL.",
                }
                : local.FetchPath(location, draft);
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
