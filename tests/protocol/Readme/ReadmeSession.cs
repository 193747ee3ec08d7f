using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Readme;

/// <summary>
/// A person with a terminal who pastes the blocks one after the other: exported variables and the folder carry over. The
/// folder looks like the checkout (links to everything in it), but what commands leave behind ends with the session.
/// </summary>
internal sealed class ReadmeSession : IAsyncDisposable
{
    private const int ShownPort = 4580;

    /// <summary>What one block leaves for the next: kept outside the folder that blocks see.</summary>
    private readonly string _state = Directory.CreateTempSubdirectory("glue-readme-state-").FullName;
    private readonly string _folder = Directory.CreateTempSubdirectory("glue-readme-").FullName;
    private readonly string _port = FreePort();
    private readonly List<(Process Process, Task Reading)> _serving = [];

    public ReadmeSession()
    {
        foreach (var entry in new DirectoryInfo(Places.Repository).EnumerateFileSystemInfos())
        {
            if (entry.Name is not (".git" or "glue-data" or "glue-demo"))
                File.CreateSymbolicLink(Path.Combine(_folder, entry.Name), entry.FullName);
        }
    }

    public async Task Run(ReadmeBlock block)
    {
        var (enter, leave) = (Path.Combine(_state, "enter"), Path.Combine(_state, "leave"));
        var ended = await Program.Run(
            "bash",
            ["-euo", "pipefail", "-c", $"{Entering(enter)}\n{Adapted(block.Commands)}\n{Leaving(leave)}"],
            _folder
        );
        Assert.True(ended.ExitCode == 0, $"README.md, line {block.Line}:\n{block.Commands}\n\n{ended}");
        File.Move(leave, enter, overwrite: true);
    }

    /// <summary>Runs the block until the session ends, and returns when it serves.</summary>
    public async Task Serve(ReadmeBlock block)
    {
        // A session, and so a group, of its own: it is ended with all it started.
        var process = Process.Start(
            Program.Description(
                "setsid",
                [
                    "bash",
                    "-euo",
                    "pipefail",
                    "-c",
                    $"{Entering(Path.Combine(_state, "enter"))}\n{Adapted(block.Commands)}",
                ],
                _folder,
                new Dictionary<string, string> { ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{_port}" }
            )
        )!;
        process.StandardInput.Close();
        var output = new ProcessOutput();
        var reading = Task.WhenAll(output.Read(process.StandardOutput), output.Read(process.StandardError));
        _serving.Add((process, reading));
        var serves = output.Line(line => line.StartsWith("GlueOrleans serves ", StringComparison.Ordinal));
        var first = await Task.WhenAny(
            serves,
            process.WaitForExitAsync(),
            Task.Delay(Poll.Patience, TimeProvider.System)
        );
        Assert.True(first == serves, $"README.md, line {block.Line}, does not serve:\n{block.Commands}\n\n{output}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (process, reading) in _serving)
        {
            if (!process.HasExited)
                Posix.Signal(-process.Id, Posix.Sigterm);
            await reading.WaitAsync(Poll.Patience);
            process.Dispose();
        }

        foreach (var data in Directory.EnumerateFiles(_folder, "node.pid", SearchOption.AllDirectories))
            await RunFolders.EndScripts(Path.Combine(Path.GetDirectoryName(data)!, "runs"));
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(_state, recursive: true);
    }

    private static string Entering(string state) =>
        File.Exists(state) ? $"source '{state}'; cd \"$README_FOLDER\"" : "";

    private static string Leaving(string state) => $"export README_FOLDER=\"$PWD\"; export -p > '{state}'";

    /// <summary>The node was built before this suite, and listens elsewhere when the port of the README is taken.</summary>
    private string Adapted(string commands) =>
        commands
            .Replace($"{ShownPort}", _port, StringComparison.Ordinal)
            .Replace("dotnet run --project silo", "dotnet run --no-build --project silo", StringComparison.Ordinal);

    private static string FreePort()
    {
        var listener = new TcpListener(IPAddress.Loopback, ShownPort);
        try
        {
            listener.Start();
        }
        catch (SocketException)
        {
            listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
        }

        using (listener)
            return $"{((IPEndPoint)listener.LocalEndpoint).Port}";
    }
}
