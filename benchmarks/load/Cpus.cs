using System.Diagnostics;
using System.Globalization;

namespace GlueOrleans.Benchmarks.Load;

/// <summary>Who works on which CPU: the generator on the first, what it measures on the others, so that neither takes the
/// other's time.</summary>
internal static class Cpus
{
    /// <summary>Keeps this thread, and those that it makes from now on, to the first CPU. To be called before there are any.</summary>
    /// <returns>The CPUs for the node, as <c>taskset</c> takes them; <c>null</c>: they cannot be told apart here.</returns>
    public static string? Separate()
    {
        var count = Environment.ProcessorCount;
        if (!OperatingSystem.IsLinux() || count < 2 || !HasTaskset())
            return null;
        using var self = Process.GetCurrentProcess();
        self.ProcessorAffinity = 1;
        return count == 2 ? "1" : string.Create(CultureInfo.InvariantCulture, $"1-{count - 1}");
    }

    /// <summary>How many processes wanted a CPU in the last minute, on average: others measure differently than an idle machine.</summary>
    public static string Load() =>
        File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    public static string Model() =>
        File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo")
                .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
                ?.Split(':', 2)[1]
                .Trim()
                ?? "unknown"
            : "unknown";

    private static bool HasTaskset() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':')
            .Any(folder => File.Exists(Path.Combine(folder, "taskset")));
}
