namespace GlueOrleans.Benchmarks.Load.Yardsticks;

/// <summary>One INSERT and commit per call on SQLite.</summary>
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
            return await YardstickProcess.Rate(
                "sqlite",
                callers,
                duration,
                "--from",
                runs,
                "--file",
                Path.Combine(folder, "runs.db")
            );
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
