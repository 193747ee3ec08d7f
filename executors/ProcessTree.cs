using System.Globalization;
using System.Text;
using GlueOrleans.Executors.Cage;

namespace GlueOrleans.Executors;

/// <summary>The processes of one run: the script's group, what carries the run's mark, and what acts as the run's user.</summary>
/// <remarks>
/// The mark is the variable GLUE_ORLEANS_RUN_ID, which descendants inherit also when they leave the group (daemons). A
/// process that cleared its environment and left the group is found by its user, if the run has one of its own
/// (Executor:Uids), and else not; nor is one that left, elsewhere than on Linux.
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
        OperatingSystem.IsLinux() ? [.. Pids().Where(pid => MarkOf(pid) == runId)] : [];

    /// <summary>Whether a process of the run lives, whether or not it has left the script's group.</summary>
    public static bool Lives(RunDirectory run) => Of([run]).Any();

    /// <summary>The living processes of these runs, each with the id of its run.</summary>
    /// <param name="runs">Whose processes.</param>
    /// <param name="others">Processes that are not looked at; those that turn out to be others' are added.</param>
    public static IEnumerable<(int Pid, string RunId)> Of(
        IReadOnlyCollection<RunDirectory> runs,
        HashSet<int>? others = null
    )
    {
        if (!OperatingSystem.IsLinux() || runs.Count == 0)
            yield break;
        var ids = runs.Select(run => run.Id).ToHashSet(StringComparer.Ordinal);
        var users = new Dictionary<int, string>();
        var caged = new HashSet<string>(StringComparer.Ordinal);
        foreach (var run in runs)
        {
            if (run.Uid is { } uid)
                users[uid] = run.Id;
            if (run.IsCaged)
                caged.Add(run.Id);
        }

        foreach (var pid in Pids())
        {
            if (others?.Contains(pid) == true)
                continue;
            if (MarkOf(pid) is { } marked && ids.Contains(marked) && (!caged.Contains(marked) || IsOwn(pid)))
                yield return (pid, marked);
            else if (users.Count > 0 && UsersOf(pid)?.FirstOrDefault(users.ContainsKey) is > 0 and var acting)
                yield return (pid, users[acting]);
            else
                others?.Add(pid);
        }
    }

    /// <summary>The living processes that carry the mark of any run of any node on this machine.</summary>
    public static IEnumerable<(int Pid, string RunId)> AllMarked() =>
        OperatingSystem.IsLinux()
            ? Pids().Select(pid => (pid, MarkOf(pid)!)).Where(marked => marked.Item2 is not null)
            : [];

    /// <summary>
    /// Ends these runs' processes, and looks for more: who forks faster than it is killed is stopped first, all of it.
    /// Each signal follows at once on the look at its process, whose number may soon be another's.
    /// </summary>
    /// <returns>Whether there was any.</returns>
    public static bool Kill(IReadOnlyCollection<RunDirectory> runs)
    {
        foreach (var run in runs)
        {
            // At one stroke, which nothing that forks can get away from.
            if (run.Uid is { } user)
                UserKill.All(user);
        }

        // Looked at once: what is not stopped in time must not have the time of a look at all others to fork in.
        var others = new HashSet<int>();
        for (var look = 0; look < Looks; look++)
        {
            var (any, isNew) = (false, false);
            foreach (var (pid, _) in Of(runs, others))
            {
                any = true;
                if (ProcStat.Read(pid) is { State: not ('T' or 't') })
                    isNew |= Posix.Kill(pid, Posix.Sigstop);
            }

            if (!any)
                return look > 0;
            if (!isNew)
                break;
        }

        var found = false;
        foreach (var (pid, _) in Of(runs))
            found |= Posix.Kill(pid, Posix.Sigkill);
        return found;
    }

    /// <summary>More are only needed by what forks, and that cannot while it is stopped.</summary>
    private const int Looks = 20;

    /// <summary>Whom the living processes of this machine act for.</summary>
    public static HashSet<int> Users() =>
        OperatingSystem.IsLinux() ? [.. Pids().SelectMany(pid => UsersOf(pid) ?? [])] : [];

    /// <summary>Of this node's user, such as a supervisor. The mark of a run in a cage may be put on by any script; only on these
    /// it says whose they are.</summary>
    private static bool IsOwn(int pid) => UsersOf(pid) is [var user, ..] && user == Posix.EffectiveUser;

    private static bool HasMarkedMember(string runId, int group) =>
        Pids().Any(pid => ProcStat.Read(pid) is { } stat && stat.Group == group && MarkOf(pid) == runId);

    private static bool Exists(int pid) => Posix.Kill(pid, 0);

    private static IEnumerable<int> Pids()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                yield return pid;
        }
    }

    /// <summary>The real, effective, saved and file system's user of a process that lives; <c>null</c>: it does not.</summary>
    private static int[]? UsersOf(int pid)
    {
        try
        {
            foreach (var line in File.ReadLines($"/proc/{pid}/status"))
            {
                if (
                    line.StartsWith("State:", StringComparison.Ordinal)
                    && line["State:".Length..].Trim()[0] is 'Z' or 'X'
                )
                    return null;
                if (line.StartsWith("Uid:", StringComparison.Ordinal))
                {
                    return
                    [
                        .. line["Uid:".Length..]
                            .Split('\t', StringSplitOptions.RemoveEmptyEntries)
                            .Select(word => int.Parse(word, CultureInfo.InvariantCulture)),
                    ];
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OverflowException)
        {
            // Gone, hidden, or one of the users that are special to the kernel.
        }

        return null;
    }

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
