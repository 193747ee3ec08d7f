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

    private static bool HasMark(int pid, string runId)
    {
        var mark = Encoding.UTF8.GetBytes($"{Mark}={runId}\0");
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
                var at = environment[from..].IndexOf(mark);
                if (at < 0)
                    return false;
                if (from + at == 0 || environment[from + at - 1] == 0)
                    return true;
                from += at + 1;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // gone, or another user's
        }
    }
}
