using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Support;

/// <summary>
/// The node as an operator runs it: a process of its own over a data folder of its own, on a free port. It can be killed,
/// stopped and started again; with the test end the node, every script it started, and the folder.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static int _accounts;

    private readonly IReadOnlyDictionary<string, string>? _environment;
    private readonly IReadOnlyList<string> _under;
    private Process? _process;
    private Task _reading = Task.CompletedTask;

    private ServerProcess(
        string folder,
        IReadOnlyDictionary<string, string>? environment,
        IReadOnlyList<string>? under = null
    )
    {
        Folder = folder;
        _environment = environment;
        _under = under ?? [];
    }

    /// <summary>The node's working folder. Has the data folder in it, and room for scripts and what they write.</summary>
    public string Folder { get; }

    public string DataFolder => Path.Combine(Folder, "data");

    /// <summary>Changes with a restart.</summary>
    public Uri Url { get; private set; } = null!;

    public int Pid => _process!.Id;

    /// <summary>What the node has printed since its first start.</summary>
    public ProcessOutput Log { get; private set; } = new();

    /// <param name="settings">More words for its command line: <c>--Executor:StopGrace=00:00:01</c>.</param>
    public static Task<ServerProcess> Start(params string[] settings) => Start(null, settings);

    /// <param name="environment">On top of the environment of the tests.</param>
    /// <param name="settings">More words for its command line.</param>
    public static Task<ServerProcess> Start(
        IReadOnlyDictionary<string, string>? environment,
        params string[] settings
    ) => Begun(new ServerProcess(NewFolder(), environment), settings);

    /// <param name="under">A command that becomes the one which is put after it: <c>nice -n 5</c>.</param>
    public static Task<ServerProcess> StartUnder(IReadOnlyList<string> under) =>
        Begun(new ServerProcess(NewFolder(), environment: null, under), []);

    private static string NewFolder() => Directory.CreateTempSubdirectory("glue-protocol-").FullName;

    private static async Task<ServerProcess> Begun(ServerProcess server, string[] settings)
    {
        try
        {
            await server.Begin(settings);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>An account that no other test uses: in it a test is alone on the server.</summary>
    public GlueUser NewAccount() => new(this, $"{100_000_000_000 + Interlocked.Increment(ref _accounts)}");

    /// <summary>SIGKILL, for the node only: scripts live on.</summary>
    public async Task Kill()
    {
        _process!.Kill(entireProcessTree: false);
        await _process.WaitForExitAsync();
        await _reading;
    }

    /// <summary>SIGTERM, and its exit code.</summary>
    public async Task<int> Stop()
    {
        Posix.Signal(Pid, Posix.Sigterm);
        await Ends("after SIGTERM");
        return _process!.ExitCode;
    }

    /// <summary>On the same data folder, after <see cref="Kill"/> or <see cref="Stop"/>.</summary>
    public Task StartAgain(params string[] settings) => Begin(settings);

    public string RunFolder(string runId) => Path.Combine(DataFolder, "runs", runId);

    /// <summary>What a script printed.</summary>
    public string Output(string runId) => File.ReadAllText(Path.Combine(RunFolder(runId), "stdout.log"));

    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            TestContext.Current.TestOutputHelper?.WriteLine($"The node's log:\n{Log}");
        if (_process is { HasExited: false })
            await Kill();
        _process?.Dispose();
        await RunFolders.EndScripts(Path.Combine(DataFolder, "runs"));
        Directory.Delete(Folder, recursive: true);
    }

    private async Task Begin(string[] settings)
    {
        _process?.Dispose();
        var log = Log = new ProcessOutput();
        var greeting = log.Line(line => line.StartsWith("GlueOrleans serves ", StringComparison.Ordinal));
        IReadOnlyList<string> words =
        [
            .. _under,
            "dotnet",
            Places.NodeProgram,
            "--data",
            DataFolder,
            .. settings.Contains("--urls") ? settings : ["--urls", "http://127.0.0.1:0", .. settings],
        ];
        _process = Process.Start(Program.Description(words[0], words.Skip(1), Folder, _environment))!;
        _process.StandardInput.Close();
        _reading = Task.WhenAll(log.Read(_process.StandardOutput), log.Read(_process.StandardError));
        var ended = _process.WaitForExitAsync();
        try
        {
            await Task.WhenAny(greeting, ended).WaitAsync(Poll.Patience);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The node does not serve after {Poll.Patience}. Its log:\n{log}");
        }

        if (!greeting.IsCompleted)
        {
            await _reading;
            throw new InvalidOperationException($"The node ended with {_process.ExitCode}. Its log:\n{log}");
        }

        Url = new Uri(Regex.Match(await greeting, @"http://[^\s,]+").Value);
    }

    private async Task Ends(string when)
    {
        using var limit = new CancellationTokenSource(Poll.Patience);
        try
        {
            await _process!.WaitForExitAsync(limit.Token);
            await _reading.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The node has not ended {when} after {Poll.Patience}. Its log:\n{Log}");
        }
    }
}
