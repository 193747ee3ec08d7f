using System.ComponentModel;
using System.Diagnostics;

namespace GlueOrleans.Executors;

/// <summary>Deletes folders that scripts have written to, and so may have anything in them.</summary>
/// <remarks>
/// By rm(1): names that are no text, and folders deeper than any path can say, are deleted as well, which .NET could not do;
/// links are deleted, not followed; and other file systems are left alone.
/// </remarks>
internal static class RunTrash
{
    /// <summary>For millions of files. What is left then is deleted by the next call.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>With all that is in it. Nothing happens when it is not there.</summary>
    /// <exception cref="IOException">Something is left.</exception>
    public static void Delete(string folder)
    {
        if (!Path.Exists(folder))
            return;
        if (Run("rm", "-rf", "--", folder) is null && !Path.Exists(folder))
            return;
        // A folder that a script has made read-only keeps what is in it. Its owner may change that; links are left alone.
        Run("chmod", "-R", "u+rwx", "--", folder);
        var why = Run("rm", "-rf", "--", folder);
        if (Path.Exists(folder))
            throw new IOException($"{folder} cannot be deleted: {why ?? "something is left"}.");
    }

    /// <summary>Returns <c>null</c>, or the first line of what the program complained of.</summary>
    private static string? Run(string program, params string[] words)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["LC_ALL"] = "C" };
        if (Environment.GetEnvironmentVariable("PATH") is { } path)
            environment["PATH"] = path;
        try
        {
            using var process = Process.Start(Supervisor.Detached(program, words, "/", environment))!;
            process.StandardInput.Close();
            // There may be a complaint for each of a million files.
            var complaint = process.StandardError.ReadLineAsync();
            var rest = complaint.ContinueWith(
                _ => process.StandardError.BaseStream.CopyTo(Stream.Null),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default
            );
            if (!process.WaitForExit(Limit))
            {
                process.Kill();
                return $"{program} did not end within {Limit.TotalMinutes:0} min";
            }

            rest.Wait(CancellationToken.None);
            return process.ExitCode == 0 ? null : complaint.Result;
        }
        catch (Win32Exception e)
        {
            throw new IOException($"{program} cannot be started: {e.Message}", e);
        }
    }
}
