using System.Globalization;
using System.Text;

namespace GlueOrleans.Executors;

/// <summary>The processes of one run: the script's group, and on Linux whatever else carries the run's mark.</summary>
/// <remarks>
/// The mark is the variable GLUE_ORLEANS_RUN_ID, which descendants inherit also when they leave the group (daemons). A
/// process that cleared its environment and left the group is not found; nor is one that left, elsewhere than on Linux.
/// </remarks>
internal static class ProcessTree
{
    public const string Mark = "GLUE_ORLEANS_RUN_ID";

    private static ReadOnlySpan<byte> MarkIs => "GLUE_ORLEANS_RUN_ID="u8;

    /// <summary>More of an environment is not searched. Linux limits one variable to 128 KB, all to about 6 MB.</summary>
    private const int EnvironmentLimit = 8 << 20;

    /// <summary>Signals the script's group, if the group is certain to be this run's.</summary>
    public static void SignalGroup(string runId, ProcessIdentity script, int signal)
    {
        // A pid is not given out again while a group of that number exists. So the group is ours if its leader is, and if
        // the leader is gone but a member has our mark; a leader that is another process means our group has died out.
        if (script.HoldsPid || (OperatingSystem.IsLinux() ? HasMarkedMember(runId, script.Pid) : !Exists(script.Pid)))
            Posix.Kill(-script.Pid, signal);
    }

    /// <summary>The living processes that carry the run's mark.</summary>
    public static IReadOnlyList<int> Marked(string runId) =>
        OperatingSystem.IsLinux() ? [.. Pids().Where(pid => HasMark(pid, runId))] : [];

    /// <summary>The living processes that carry the mark of any run of any node on this machine.</summary>
    public static IEnumerable<(int Pid, string RunId)> AllMarked() =>
        OperatingSystem.IsLinux()
            ? Pids().Select(pid => (pid, MarkOf(pid)!)).Where(marked => marked.Item2 is not null)
            : [];

    private static bool HasMarkedMember(string runId, int group) =>
        Pids().Any(pid => ProcStat.Read(pid) is { } stat && stat.Group == group && HasMark(pid, runId));

    private static bool Exists(int pid) => Posix.Kill(pid, 0);

    private static IEnumerable<int> Pids()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                yield return pid;
        }
    }

    private static bool HasMark(int pid, string runId) => MarkOf(pid) == runId;

    /// <summary>The id in the process's mark; <c>null</c> without one, or when it is another user's.</summary>
    private static string? MarkOf(int pid)
    {
        try
        {
            using var file = new FileStream(
                $"/proc/{pid}/environ",
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite,
                1
            );
            using var content = new MemoryStream();
            var buffer = new byte[16 << 10];
            int read;
            while (content.Length < EnvironmentLimit && (read = file.Read(buffer)) > 0)
                content.Write(buffer, 0, read);
            var environment = content.GetBuffer().AsSpan(0, (int)content.Length);
            for (var from = 0; ; )
            {
                var at = environment[from..].IndexOf(MarkIs);
                if (at < 0)
                    return null;
                from += at;
                var value = environment[(from + MarkIs.Length)..];
                var end = value.IndexOf((byte)0);
                if ((from == 0 || environment[from - 1] == 0) && end >= 0)
                    return Encoding.UTF8.GetString(value[..end]);
                from++;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // gone, or another user's
        }
    }
}
