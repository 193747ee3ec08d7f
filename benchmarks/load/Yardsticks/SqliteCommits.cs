using System.Diagnostics;
using System.Globalization;
using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;

namespace GlueOrleans.Benchmarks.Load.Yardsticks;

/// <summary>One INSERT and commit per call on SQLite, in a process of its own (<c>benchmarks/node yardstick sqlite</c>).</summary>
internal static class SqliteCommits
{
    /// <summary>Commits a second.</summary>
    /// <param name="runs">The node's runs.db, for its schema and a row.</param>
    /// <param name="callers">At a time.</param>
    /// <param name="duration">How long.</param>
    public static async Task<double> Rate(string runs, int callers, TimeSpan duration)
    {
        // Where the node's folder is, and so on the same disk.
        var folder = Directory.CreateTempSubdirectory("glue-load-").FullName;
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(
                    "dotnet",
                    [
                        NodeProgram.Simulated,
                        "yardstick",
                        "sqlite",
                        "--from",
                        runs,
                        "--file",
                        Path.Combine(folder, "runs.db"),
                        "--callers",
                        callers.ToString(CultureInfo.InvariantCulture),
                        "--seconds",
                        duration.TotalSeconds.ToString(CultureInfo.InvariantCulture),
                    ]
                )
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            )!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0
                ? double.Parse(output.Trim(), CultureInfo.InvariantCulture)
                : throw new CannotMeasureException($"The SQLite yardstick failed: {(await errors).Trim()}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
