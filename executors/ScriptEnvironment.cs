using System.Collections;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Executors;

/// <summary>The variables a script gets: a short list from the node, the operator's, and ours. Nothing else.</summary>
internal static class ScriptEnvironment
{
    /// <summary>
    /// What programs need to find themselves, their users and their certificates. No credentials, and nothing by which a
    /// library would behave differently from how it does in the operator's own shell.
    /// </summary>
    private static readonly HashSet<string> PassedOn =
    [
        "PATH",
        "HOME",
        "USER",
        "LOGNAME",
        "SHELL",
        "LANG",
        "LANGUAGE",
        "TZ",
        "TMPDIR",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "JAVA_HOME",
        "SPARK_HOME",
        "SPARK_CONF_DIR",
        "HADOOP_HOME",
        "HADOOP_CONF_DIR",
        "YARN_CONF_DIR",
        "VIRTUAL_ENV",
        "PYENV_ROOT",
        "LD_LIBRARY_PATH",
    ];

    /// <summary>Of every script of this node. The run's own mark is added by the supervisor, to the script alone.</summary>
    /// <param name="run">Whose script gets them.</param>
    /// <param name="options">Those of the operator.</param>
    /// <param name="home">The script's own directory, if it has a user id of its own: nothing of the node's user is open to it.</param>
    /// <param name="uid">That user id. It has no name; programs that ask for one get its number.</param>
    public static Dictionary<string, string> Of(
        RunRecord run,
        ProcessExecutorOptions options,
        string? home = null,
        int? uid = null
    )
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (PassedOn.Contains(name) || name.StartsWith("LC_", StringComparison.Ordinal))
                variables[name] = (string?)variable.Value ?? "";
        }

        if (home is not null)
        {
            variables["HOME"] = variables["TMPDIR"] = home;
            variables["USER"] = variables["LOGNAME"] = $"{uid}";
        }

        foreach (var (name, value) in options.Environment)
            variables[name] = value;

        // A log is a file here, so Python would hold lines back until 8 KB are together.
        variables.TryAdd("PYTHONUNBUFFERED", "1");
        // Ours comes last: an operator who has the real awsglue says so with PYTHONPATH.
        variables["PYTHONPATH"] =
            variables.TryGetValue("PYTHONPATH", out var theirs) && theirs.Length > 0
                ? theirs + Path.PathSeparator + ShippedFiles.Python
                : ShippedFiles.Python;
        if (run.Settings.GlueVersion is { } version)
            variables["GLUE_ORLEANS_GLUE_VERSION"] = version;
        return variables;
    }
}

/// <summary>The files that come with this assembly, beside the program that is running.</summary>
internal static class ShippedFiles
{
    private static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "executor");

    public static string Here => Folder;
    public static string Supervisor { get; } = Path.Combine(Folder, "supervisor.sh");
    public static string Guard { get; } = Path.Combine(Folder, "guard.sh");
    public static string Session { get; } = Path.Combine(Folder, "session.py");
    public static string CheckImports { get; } = Path.Combine(Folder, "check_imports.py");
    public static string Python { get; } = Path.Combine(Folder, "python");
}
