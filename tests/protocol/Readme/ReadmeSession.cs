using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Readme;

/// <summary>
/// A person with a terminal who pastes the blocks one after the other into the same shell, and those that serve into
/// another. The folder looks like the checkout (links to everything in it), but what commands leave in it ends with the
/// session.
/// </summary>
internal sealed class ReadmeSession : IAsyncDisposable
{
    private const int ShownPort = 4580;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("glue-readme-").FullName;
    private readonly string _blocks = Directory.CreateTempSubdirectory("glue-readme-blocks-").FullName;
    private readonly string _port = FreePort();
    private readonly List<Terminal> _serving = [];
    private readonly Terminal _terminal;

    public ReadmeSession()
    {
        foreach (var entry in new DirectoryInfo(Places.Repository).EnumerateFileSystemInfos())
        {
            if (entry.Name is not (".git" or "glue-data" or "glue-demo"))
                File.CreateSymbolicLink(Path.Combine(_folder, entry.Name), entry.FullName);
        }

        _terminal = new Terminal(_folder);
    }

    /// <summary>Runs the block to its end; what it sets, defines and enters is there for the next.</summary>
    public async Task Run(ReadmeBlock block)
    {
        var done = $"== done with line {block.Line.ToString(CultureInfo.InvariantCulture)} ==";
        var came = _terminal.Output.Line(line => line == done);
        _terminal.Paste($"source '{Save(block)}' </dev/null; echo; echo '{done}'");
        Assert.True(await IsBeforeTheEnd(came, _terminal), Failure(block, "fails", _terminal));
    }

    /// <summary>Runs the block until the session ends, and returns when it serves.</summary>
    public async Task Serve(ReadmeBlock block)
    {
        var terminal = new Terminal(_folder);
        _serving.Add(terminal);
        var serves = terminal.Output.Line(line => line.StartsWith("GlueOrleans serves ", StringComparison.Ordinal));
        // A command line that names no URL listens on the README's port by itself.
        if (_port != $"{ShownPort}")
            terminal.Paste($"export ASPNETCORE_URLS=http://127.0.0.1:{_port}");
        terminal.Paste($"source '{Save(block)}' </dev/null");
        Assert.True(await IsBeforeTheEnd(serves, terminal), Failure(block, "does not serve", terminal));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var terminal in _serving.Append(_terminal))
            await terminal.Close();
        foreach (var owner in Directory.EnumerateFiles(_folder, "node.pid", SearchOption.AllDirectories))
            await RunFolders.EndScripts(Path.Combine(Path.GetDirectoryName(owner)!, "runs"));
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(_blocks, recursive: true);
    }

    private static async Task<bool> IsBeforeTheEnd(Task line, Terminal terminal) =>
        await Task.WhenAny(line, terminal.Ended, Task.Delay(Patience, TimeProvider.System)) == line;

    private static string Failure(ReadmeBlock block, string how, Terminal terminal) =>
        $"README.md: the block of line {block.Line} {how}.\n{block.Commands}\n\nThe terminal shows:\n{terminal.Output}";

    /// <summary>The node was built before this suite, and listens elsewhere when the port of the README is taken.</summary>
    private string Save(ReadmeBlock block)
    {
        var file = Path.Combine(_blocks, $"line-{block.Line}.sh");
        File.WriteAllText(
            file,
            block
                .Commands.Replace($"{ShownPort}", _port, StringComparison.Ordinal)
                .Replace("dotnet run --project silo", "dotnet run --no-build --project silo", StringComparison.Ordinal)
                + "\n"
        );
        return file;
    }

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

    /// <summary>A shell that ends with the first command that fails. It leads a group, with all that it starts.</summary>
    private sealed class Terminal
    {
        private readonly Process _shell;
        private readonly Task _reading;

        public Terminal(string folder)
        {
            _shell = Process.Start(Program.Description("setsid", ["bash", "-euo", "pipefail", "-s"], folder))!;
            _reading = Task.WhenAll(Output.Read(_shell.StandardOutput), Output.Read(_shell.StandardError));
            Ended = _shell.WaitForExitAsync();
        }

        public ProcessOutput Output { get; } = new();

        public Task Ended { get; }

        public void Paste(string command) => _shell.StandardInput.WriteLine(command);

        public async Task Close()
        {
            if (!_shell.HasExited)
                Posix.Signal(-_shell.Id, Posix.Sigterm);
            await _reading.WaitAsync(Poll.Patience);
            _shell.Dispose();
        }
    }
}
