using System.Security.Cryptography;
using System.Text;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;

namespace GlueOrleans.Executors;

/// <summary>The words a script finds in sys.argv after its own name: Glue's, then the run's.</summary>
internal static class ScriptArguments
{
    private const string SecurityConfiguration = "--SECURITY_CONFIGURATION";

    /// <summary>Each name and each value is a word. The same run always gets the same words in the same order.</summary>
    public static IReadOnlyList<string> Of(RunRecord run)
    {
        var settings = run.Settings;
        var theirs = new SortedDictionary<string, string>(
            settings.ScriptArguments.ToDictionary(StringComparer.Ordinal),
            StringComparer.Ordinal
        );
        foreach (var reserved in new[] { "--JOB_NAME", "--JOB_ID", "--JOB_RUN_ID" })
            theirs.Remove(reserved);

        List<string> words = ["--JOB_NAME", run.Job.Name, "--JOB_ID", JobId(run.Job)];
        // Glue does not tell python shell scripts their run (boto/boto3#3506).
        if (!IsPythonShell(settings))
            words.AddRange(["--JOB_RUN_ID", run.Id]);
        if (!theirs.ContainsKey(BookmarkOptions.Option) && !theirs.ContainsKey(BookmarkOptions.LegacyOption))
            words.AddRange([BookmarkOptions.Option, "job-bookmark-disable"]);
        if (settings.SecurityConfiguration is { } configuration)
        {
            theirs.Remove(SecurityConfiguration);
            words.AddRange([SecurityConfiguration, configuration]);
        }

        foreach (var (name, value) in theirs)
            words.AddRange([name, value]);
        return words;
    }

    /// <summary>The value of a special parameter; <c>null</c> when it is absent or empty.</summary>
    public static string? Value(RunSettings settings, string name) =>
        settings.ScriptArguments.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    public static bool IsScala(RunSettings settings) =>
        string.Equals(Value(settings, "--job-language"), "scala", StringComparison.OrdinalIgnoreCase);

    private static bool IsPythonShell(RunSettings settings) =>
        string.Equals(settings.Command.Name, "pythonshell", StringComparison.OrdinalIgnoreCase);

    private static string JobId(JobKey job) =>
        "j_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(job.ToString())));
}
