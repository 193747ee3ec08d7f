using System.Diagnostics;
using System.Globalization;

namespace GlueOrleans.Executors;

/// <summary>A process, told from every other that had or will have its pid: by boot and start time.</summary>
/// <remarks>
/// The text is what supervisor.sh writes: <c>PID linux:BOOT:START</c> with the start in clock ticks since boot, or
/// <c>PID ps:STARTED</c> where there is no /proc, to the second only.
/// </remarks>
internal readonly record struct ProcessIdentity(int Pid, string Start)
{
    private static readonly Lazy<string?> Boot = new(ReadBoot);

    /// <summary>Which start of which machine this is; <c>null</c> where only Linux would tell.</summary>
    public static string? BootId => Boot.Value;

    /// <summary>The process is there and not a zombie: a zombie runs nothing, and in a container may stay for ever.</summary>
    public bool IsAlive => StartOf(Pid, out var zombie) == Start && !zombie;

    /// <summary>The pid is still this process's, if only as a zombie's.</summary>
    public bool HoldsPid => StartOf(Pid, out _) == Start;

    /// <summary>The machine has restarted since. Only Linux tells; elsewhere <c>false</c>.</summary>
    public bool IsOfEarlierBoot =>
        Boot.Value is { } current
        && Start.StartsWith("linux:", StringComparison.Ordinal)
        && !Start.StartsWith($"linux:{current}:", StringComparison.Ordinal);

    /// <summary>Reads <c>PID IDENTITY\n</c>; without the newline it is still being written.</summary>
    public static ProcessIdentity? Parse(string? line)
    {
        if (line is null || !line.EndsWith('\n'))
            return null;
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        return
            space > 0
            && int.TryParse(line.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            && pid > 1
            ? new ProcessIdentity(pid, line[(space + 1)..^1])
            : null;
    }

    /// <summary>This process itself.</summary>
    public static ProcessIdentity Own() =>
        new(
            Environment.ProcessId,
            StartOf(Environment.ProcessId, out _)
                ?? throw new IOException("This process cannot be seen: is /proc mounted?")
        );

    private static string? StartOf(int pid, out bool zombie)
    {
        zombie = false;
        if (Boot.Value is null)
            return StartByPs(pid, out zombie);
        if (ProcStat.Read(pid) is not { } stat)
            return null;
        zombie = stat.State is 'Z' or 'X';
        return $"linux:{Boot.Value}:{stat.StartTicks}";
    }

    private static string? ReadBoot()
    {
        try
        {
            return OperatingSystem.IsLinux() ? File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim() : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static string? StartByPs(int pid, out bool zombie)
    {
        zombie = false;
        var start = new ProcessStartInfo("ps") { RedirectStandardOutput = true };
        // Others can see it: nothing of the node's environment is in its own.
        start.Environment.Clear();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        foreach (var word in new[] { "-o", "stat=,lstart=", "-p", pid.ToString(CultureInfo.InvariantCulture) })
            start.ArgumentList.Add(word);
        start.Environment["LC_ALL"] = "C";
        start.Environment["TZ"] = "UTC";
        using var ps = Process.Start(start)!;
        var words = ps.StandardOutput.ReadToEnd().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2)
            return null;
        zombie = words[0].StartsWith('Z');
        return "ps:" + string.Join(' ', words.Skip(1));
    }
}

/// <summary>The fields of /proc/PID/stat that matter here.</summary>
internal readonly record struct ProcStat(char State, int Group, long StartTicks)
{
    /// <summary><c>null</c> when there is no such process.</summary>
    public static ProcStat? Read(int pid)
    {
        string text;
        try
        {
            text = File.ReadAllText($"/proc/{pid}/stat");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        // The command's name, in parentheses, may itself contain spaces and parentheses: what counts follows the last.
        var fields = text[(text.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length < 20
            ? null
            : new ProcStat(
                fields[0][0],
                int.Parse(fields[2], CultureInfo.InvariantCulture),
                long.Parse(fields[19], CultureInfo.InvariantCulture)
            );
    }
}
