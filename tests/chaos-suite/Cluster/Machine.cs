using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace GlueOrleans.Tests.ChaosSuite.Cluster;

/// <summary>What all processes of a pass share: one clock, one table of processes, one set of ports.</summary>
internal static partial class Machine
{
    public const int Sigkill = 9;
    public const int Sigterm = 15;
    public const int Sigcont = 18;
    public const int Sigstop = 19;

    /// <summary>Seconds since the machine was started: what scripts, the database and the suite all read.</summary>
    public static double Uptime =>
        double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);

    public static bool IsRoot => geteuid() == 0;

    public static void Signal(int pid, int signal) => _ = kill(pid, signal);

    /// <summary>The living processes that name this folder: in their environment, on their command line, or as where they
    /// work.</summary>
    public static IReadOnlyList<int> ProcessesOf(string folder) =>
        [.. Pids().Where(pid => pid != Environment.ProcessId && Names(pid, folder) && IsAlive(pid))];

    /// <summary>A process's words, for messages.</summary>
    public static string CommandLine(int pid) => Encoding.UTF8.GetString(Read(pid, "cmdline")).Replace('\0', ' ');

    public static bool HasInEnvironment(int pid, string text) =>
        Read(pid, "environ").AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;

    private static IEnumerable<int> Pids()
    {
        foreach (var entry in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                yield return pid;
        }
    }

    private static bool Names(int pid, string folder)
    {
        var name = Encoding.UTF8.GetBytes(folder + "/");
        return Read(pid, "environ").AsSpan().IndexOf(name) >= 0
            || Read(pid, "cmdline").AsSpan().IndexOf(name) >= 0
            || WorksIn(pid, folder);
    }

    private static bool WorksIn(int pid, string folder)
    {
        try
        {
            var place = new FileInfo($"/proc/{pid}/cwd").LinkTarget;
            return place is not null && $"{place}/".StartsWith($"{folder}/", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>A zombie is not: it runs nothing.</summary>
    private static bool IsAlive(int pid)
    {
        var stat = Encoding.UTF8.GetString(Read(pid, "stat"));
        return stat.LastIndexOf(')') is >= 0 and var end && end + 2 < stat.Length && stat[end + 2] is not ('Z' or 'X');
    }

    private static byte[] Read(int pid, string file)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{pid}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // gone, or another user's
        }
    }

#pragma warning disable IDE1006, SYSLIB1092 // The C library's names.
    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial uint geteuid();
#pragma warning restore IDE1006, SYSLIB1092
}
