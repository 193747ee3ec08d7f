using System.Globalization;

namespace GlueOrleans.Executors.Cage;

/// <summary>What stands before a script's command line so that it runs as its own user, within its limits.</summary>
/// <remarks>
/// The supervisor is not in it: it is the node's user's, has none of the limits, and records the exit of a script that has used
/// up all it may have. prlimit(1) comes first, because the node may raise a limit that its own user has, and setpriv(1) last.
/// </remarks>
internal sealed class ScriptCage(ProcessExecutorOptions options)
{
    private const string Prlimit = "prlimit";
    private const string Setpriv = "setpriv";

    private readonly string? _prlimit = FindTool(Prlimit);
    private readonly string? _setpriv = FindTool(Setpriv);

    /// <summary>A program of the node's own PATH, not of the script's.</summary>
    public static string? FindTool(string program) =>
        LaunchPlanner.Find(
            program,
            Environment.GetEnvironmentVariable("PATH") is { } path
                ? new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = path }
                : new Dictionary<string, string>(StringComparer.Ordinal)
        );

    /// <summary>The words to be put before a command line. None without limits and without a user.</summary>
    public IReadOnlyList<string> Words(int? uid) => [.. Limits(), .. uid is { } own ? User(own) : []];

    /// <summary>Why the words would not do here, in a sentence that names the setting; <c>null</c>: they may.</summary>
    public string? WhyNot()
    {
        if (HasLimits && _prlimit is null)
        {
            return "Executor:MemoryBytes, Processes, OpenFiles and FileBytes need prlimit (of util-linux) on PATH: install it, "
                + "or leave them 0.";
        }

        return options.Uids.Length > 0 && _setpriv is null
            ? $"Executor:Uids is {options.Uids}, which needs setpriv (of util-linux) on PATH: install it, or leave it out."
            : null;
    }

    private bool HasLimits => options is not { MemoryBytes: 0, Processes: 0, OpenFiles: 0, FileBytes: 0 };

    private List<string> Limits()
    {
        if (!HasLimits)
            return [];
        List<string> words = [_prlimit ?? Prlimit];
        Add("as", options.MemoryBytes);
        Add("nproc", options.Processes);
        Add("nofile", options.OpenFiles);
        Add("fsize", options.FileBytes);
        words.Add("--");
        return words;

        void Add(string resource, long limit)
        {
            if (limit > 0)
                words.Add(string.Create(CultureInfo.InvariantCulture, $"--{resource}={limit}:{limit}"));
        }
    }

    private List<string> User(int uid)
    {
        var id = uid.ToString(CultureInfo.InvariantCulture);
        // A node that has its rights as capabilities must not pass them on, which root's are not.
        return
        [
            _setpriv ?? Setpriv,
            "--reuid",
            id,
            "--regid",
            id,
            "--clear-groups",
            "--ambient-caps=-all",
            "--inh-caps=-all",
            "--no-new-privs",
            "--",
        ];
    }
}
