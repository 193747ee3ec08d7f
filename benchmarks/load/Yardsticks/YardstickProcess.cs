using System.Diagnostics;
using System.Globalization;
using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;

namespace GlueOrleans.Benchmarks.Load.Yardsticks;

/// <summary><c>benchmarks/node yardstick …</c>, in a process of its own, as the node is.</summary>
internal static class YardstickProcess
{
    /// <returns>The number that it prints: commits a second.</returns>
    /// <param name="which"><c>postgres</c>, <c>sqlite</c>.</param>
    /// <param name="callers">At a time.</param>
    /// <param name="duration">How long.</param>
    /// <param name="words">Its other options.</param>
    public static async Task<double> Rate(
        string which,
        int callers,
        TimeSpan duration,
        params IReadOnlyList<string> words
    )
    {
        string[] all =
        [
            NodeProgram.Simulated,
            "yardstick",
            which,
            "--callers",
            callers.ToString(CultureInfo.InvariantCulture),
            "--seconds",
            duration.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            .. words,
        ];
        var start = new ProcessStartInfo("dotnet", all) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Of the generator's: they would make another program of it.
        foreach (var name in Program.OwnVariables)
            start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? double.Parse(output.Trim(), CultureInfo.InvariantCulture)
            : throw new CannotMeasureException($"The yardstick '{which}' failed: {(await errors).Trim()}");
    }
}
