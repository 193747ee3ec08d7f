using System.Diagnostics;

namespace GlueOrleans.Tests.Protocol.Support;

/// <summary>How a program ended.</summary>
internal sealed record Ended(int ExitCode, string Output, string Error)
{
    public override string ToString() => $"exit code {ExitCode}\n--- stdout\n{Output}\n--- stderr\n{Error}";
}

/// <summary>Runs a program to its end.</summary>
internal static class Program
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The node's own command line.</summary>
    public static Task<Ended> Node(string workingFolder, params string[] words) =>
        Run("dotnet", [Places.NodeProgram, .. words], workingFolder);

    public static async Task<Ended> Run(
        string program,
        IEnumerable<string> words,
        string workingFolder,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        using var process = Process.Start(Description(program, words, workingFolder, environment))!;
        process.StandardInput.Close();
        var (output, error) = (new ProcessOutput(), new ProcessOutput());
        var reading = Task.WhenAll(output.Read(process.StandardOutput), error.Read(process.StandardError));
        using var limit = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            await reading.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException(
                $"{program} {string.Join(' ', words)} had not ended after {Patience.TotalSeconds} s.\n{output}\n{error}"
            );
        }

        return new Ended(process.ExitCode, output.ToString(), error.ToString());
    }

    public static ProcessStartInfo Description(
        string program,
        IEnumerable<string> words,
        string workingFolder,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var description = new ProcessStartInfo(program, words)
        {
            WorkingDirectory = workingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            description.Environment[name] = value;
        return description;
    }

    /// <summary>Whether there is such a program on PATH.</summary>
    public static bool IsInstalled(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Any(folder => File.Exists(Path.Combine(folder, program)));
}
