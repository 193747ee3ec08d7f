using System.ComponentModel;
using System.Diagnostics;
using GlueOrleans.Executors.Cage;
using GlueOrleans.GrainInterfaces.Executors;

namespace GlueOrleans.Executors;

/// <summary>What a supervisor told its node, once.</summary>
internal abstract record SupervisorAnswer
{
    /// <summary>The script's process exists.</summary>
    public sealed record Started(Process Supervisor) : SupervisorAnswer;

    /// <summary>The run had been claimed before: nothing was started.</summary>
    public sealed record Taken : SupervisorAnswer;

    /// <summary>Nobody vouches for the node any more: nothing was started. The next launch may.</summary>
    public sealed record NotNow : SupervisorAnswer;

    /// <summary>It ended, or could not be started, without saying that the script exists.</summary>
    public sealed record Failed(string Why) : SupervisorAnswer;
}

/// <summary>Starts supervisor.sh in a session of its own.</summary>
internal static class Supervisor
{
    /// <summary>From the supervisor's start to the script's: two shells and two small files.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task<SupervisorAnswer> Start(
        RunDirectory directory,
        ExecutorTenure? leased,
        string python,
        IReadOnlyList<string> commandLine,
        IReadOnlyDictionary<string, string> environment
    )
    {
        if (NewSession.Words(python, environment) is not { } session)
            return new SupervisorAnswer.Failed($"neither setsid nor {python} is on PATH");
        IReadOnlyList<string> words =
        [
            .. session,
            "/bin/sh",
            ShippedFiles.Supervisor,
            "supervise",
            directory.Id,
            leased is null ? "-" : $"{leased.Node}:{leased.Epoch}",
            python,
            ShippedFiles.Here,
            NodeProcess.ScriptUmask,
            .. commandLine,
        ];

        Process supervisor;
        try
        {
            supervisor = Process.Start(Detached(words[0], [.. words.Skip(1)], directory.Folder, environment))!;
        }
        catch (Win32Exception e)
        {
            var length = commandLine.Sum(word => word.Length + 1);
            return new SupervisorAnswer.Failed($"{e.Message} (a command line of {length} characters)");
        }

        supervisor.StandardInput.Close();
        using var output = supervisor.StandardOutput;
        using var errors = supervisor.StandardError;
        using var bounded = new CancellationTokenSource(Limit);
        string? line;
        try
        {
            line = await output.ReadLineAsync(bounded.Token);
            if (line is not null && line.StartsWith("started ", StringComparison.Ordinal))
            {
                directory.DeleteDraftOfClaim(supervisor.Id);
                return new SupervisorAnswer.Started(supervisor);
            }

            if (line is null)
                line = "failed the supervisor ended: " + await errors.ReadToEndAsync(bounded.Token);
        }
        catch (OperationCanceledException)
        {
            line = $"failed the supervisor did not start it within {Limit.TotalSeconds:0} s";
            Posix.Kill(supervisor.Id, Posix.Sigkill);
        }

        // It is about to exit by itself, and the runtime takes note of that also without this object.
        supervisor.Dispose();
        return line == "taken" ? new SupervisorAnswer.Taken()
            : line == "late" ? new SupervisorAnswer.NotNow()
            : new SupervisorAnswer.Failed(line["failed ".Length..].Trim());
    }

    /// <summary>A process that has nothing of this one: not its terminal, not its variables.</summary>
    public static ProcessStartInfo Detached(
        string program,
        IReadOnlyList<string> arguments,
        string folder,
        IReadOnlyDictionary<string, string> environment
    )
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            // All three: with one left, .NET would treat the process as a user of the node's terminal.
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return start;
    }
}
