using System.Diagnostics;
using System.Globalization;

namespace GlueOrleans.Executors.Cage;

/// <summary>Tries, before the node starts, whether scripts can be run as its settings say.</summary>
internal static class CageCheck
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>What the node needs besides setpriv's: their bits in /proc/self/status.</summary>
    private static readonly (int Bit, string Name)[] Needed =
    [
        (0, "CAP_CHOWN"),
        (1, "CAP_DAC_OVERRIDE"),
        (3, "CAP_FOWNER"),
        (5, "CAP_KILL"),
        (6, "CAP_SETGID"),
        (7, "CAP_SETUID"),
    ];

    /// <summary>Sentences that name setting and remedy; none when all is well. Makes the runs' folder, if a user id needs it.</summary>
    public static IEnumerable<string> Faults(ProcessExecutorOptions options)
    {
        var cage = new ScriptCage(options);
        if (cage.WhyNot() is { } why)
            yield return why;
        else if (options.DiskBytes > 0 && ScriptCage.FindTool(DiskUsage.Program) is null)
            yield return $"Executor:DiskBytes needs {DiskUsage.Program} on PATH: install it, or leave it 0.";
        else if (options.Range is { } range)
        {
            if (WhyNoUsers(options, cage, range) is { } fault)
                yield return $"Executor:Uids is {options.Uids}, but {fault}";
        }
        else if (cage.Words(uid: null) is { Count: > 0 } words && Try(words, "exec true") is { ExitCode: not 0 } failed)
            yield return $"The limits of scripts (Executor) cannot be set here: {failed.Error}";
    }

    private static string? WhyNoUsers(ProcessExecutorOptions options, ScriptCage cage, UidRange range)
    {
        if (!OperatingSystem.IsLinux())
            return "only Linux tells whose a process is: leave it out.";
        if (Missing() is { Count: > 0 } missing)
        {
            return $"this node may not act for other users ({string.Join(", ", missing)}): start it as root, "
                + "or with these capabilities, or leave the setting out.";
        }

        Directory.CreateDirectory(options.RunsFolder);
        File.SetUnixFileMode(options.RunsFolder, RunDirectory.PassingThrough);
        var runs = Path.GetFullPath(options.RunsFolder);
        var tried = Try(
            cage.Words(range.First),
            $"cd '{Quoted(runs)}' || exit 81; [ -r '{Quoted(ShippedFiles.CheckImports)}' ] || exit 82"
        );
        return tried.ExitCode switch
        {
            0 => null,
            81 =>
                $"user {range.First} cannot get into {runs}: let others pass through the folders above it (chmod o+x).",
            82 =>
                $"user {range.First} cannot read {ShippedFiles.Here}: install GlueOrleans where everybody may read it.",
            _ => $"nothing can be run as user {range.First} here: {tried.Error}",
        };
    }

    private static List<string> Missing()
    {
        var effective = File.ReadLines("/proc/self/status")
            .Where(line => line.StartsWith("CapEff:", StringComparison.Ordinal))
            .Select(line => ulong.Parse(line["CapEff:".Length..], NumberStyles.HexNumber, CultureInfo.InvariantCulture))
            .FirstOrDefault();
        return
        [
            .. Needed.Where(capability => (effective >> capability.Bit & 1) == 0).Select(capability => capability.Name),
        ];
    }

    private static string Quoted(string path) => path.Replace("'", "'\\''", StringComparison.Ordinal);

    private static (int ExitCode, string Error) Try(IReadOnlyList<string> words, string script)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin",
        };
        using var process = Process.Start(
            Supervisor.Detached(words[0], [.. words.Skip(1), "/bin/sh", "-c", script], "/", environment)
        )!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        if (process.WaitForExit(Limit))
            return (process.ExitCode, error.Result.Trim());
        process.Kill();
        return (-1, $"it did not end within {Limit.TotalSeconds:0} s.");
    }
}
