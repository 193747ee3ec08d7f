using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace GlueOrleans.Tests.ChaosSuite.Cluster;

/// <summary>One node as a process of its own, which is started again when it has died, as an init system would.</summary>
internal sealed class ChaosNode : IAsyncDisposable
{
    /// <summary>A start takes seconds; on a busy machine with two cores, when all nodes start at once, a minute.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(120);

    /// <summary>The exit code of a node that has said why it does not start.</summary>
    private const int CannotStart = 2;

    private static readonly TimeSpan DefaultRestartDelay = TimeSpan.FromSeconds(1);

    private static readonly string Program = typeof(ChaosNode)
        .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "NodeProgram")
        .Value!;

    private readonly NodeSetup _setup;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(3) };
    private readonly CancellationTokenSource _ending = new();
    private Process? _process;
    private Task _keeping = Task.CompletedTask;
    private int _upTimes;
    private bool _isDeathExpected;
    private bool _isForgivenToDie;
    private TimeSpan _restartDelay = DefaultRestartDelay;
    private bool _movesPorts;
    private (int Web, int Silo, int Client) _ports;

    public ChaosNode(NodeSetup setup)
    {
        _setup = setup;
        MovePorts();
    }

    public string Name => _setup.Name;

    public bool IsSilo => _setup.IsSilo;

    public DatabaseProxy Network => _setup.Network;

    /// <summary>Everything that belongs to the node's machine is below this.</summary>
    public string Folder => _setup.Folder;

    public string DataFolder => Path.Combine(Folder, "data");

    public string LogFile => _setup.LogFile;

    public Uri Url => new($"http://127.0.0.1:{_ports.Web}/");

    /// <summary>It has said that it is ready since it was last started, and has not died since.</summary>
    public bool IsUp { get; private set; }

    public int Starts { get; private set; }

    /// <summary>Starts it and keeps it up; returns when it is ready for the first time.</summary>
    public async Task Start()
    {
        _keeping = Keep();
        await Ready(StartPatience);
    }

    /// <summary>SIGKILL, for this process only.</summary>
    public void Kill(TimeSpan? restartAfter = null, bool onOtherPorts = false)
    {
        ExpectDeath(restartAfter, onOtherPorts);
        Machine.Signal(_process!.Id, Machine.Sigkill);
    }

    /// <summary>SIGKILL for all that runs on the node's machine: silo, supervisors, scripts, guard.</summary>
    public async Task KillHost(TimeSpan restartAfter, bool onOtherPorts)
    {
        ExpectDeath(restartAfter, onOtherPorts);
        // Stopped first, so that none sees another one die: a machine that fails takes all of them at once.
        var seen = new HashSet<int>();
        while (Machine.ProcessesOf(Folder).Where(seen.Add).ToList() is { Count: > 0 } more)
            more.ForEach(pid => Machine.Signal(pid, Machine.Sigstop));
        foreach (var pid in seen)
            Machine.Signal(pid, Machine.Sigkill);
        while (Machine.ProcessesOf(Folder) is { Count: > 0 } left)
        {
            foreach (var pid in left)
                Machine.Signal(pid, Machine.Sigkill);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    public void Pause() => Machine.Signal(_process!.Id, Machine.Sigstop);

    public void Resume() => Machine.Signal(_process!.Id, Machine.Sigcont);

    /// <summary>SIGTERM. Answers how it ended: its exit code, or <c>null</c> if it had to be killed after a minute.</summary>
    public async Task<int?> Stop(TimeSpan? restartAfter = null, bool onOtherPorts = false)
    {
        ExpectDeath(restartAfter, onOtherPorts);
        var process = _process!;
        Machine.Signal(process.Id, Machine.Sigterm);
        try
        {
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System);
            return process.ExitCode;
        }
        catch (TimeoutException)
        {
            Machine.Signal(process.Id, Machine.Sigkill);
            return null;
        }
    }

    /// <summary>Until said otherwise it may end by itself, as a silo does that finds itself declared dead.</summary>
    public void Forgive(bool itMayDie) => _isForgivenToDie = itMayDie;

    public async Task<bool> IsReady()
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(Url, "health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <exception cref="TimeoutException">It is not, after so long.</exception>
    public async Task Ready(TimeSpan patience)
    {
        var until = Machine.Uptime + patience.TotalSeconds;
        while (!IsUp || !await IsReady())
        {
            if (_keeping.IsFaulted)
                await _keeping;
            if (Machine.Uptime > until)
                throw new TimeoutException($"{Name} is not ready after {patience}. Its log is {LogFile}.");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _isDeathExpected = true;
        if (_process is { HasExited: false } process)
        {
            Machine.Signal(process.Id, Machine.Sigkill);
            await process.WaitForExitAsync();
        }

        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _http.Dispose();
        _ending.Dispose();
    }

    private async Task Keep()
    {
        while (!_ending.IsCancellationRequested)
        {
            Begin();
            var process = _process!;
            var exit = process.WaitForExitAsync(_ending.Token);
            while (!exit.IsCompleted && !IsUp)
            {
                IsUp = await IsReady();
                await Task.WhenAny(exit, Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System));
            }

            if (IsUp)
            {
                _upTimes++;
                _setup.CameUp(this);
            }

            await exit.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_ending.IsCancellationRequested)
                return;
            if (!IsUp && process.ExitCode == CannotStart && _upTimes == 0)
                throw new InvalidOperationException($"{Name} cannot start: {File.ReadAllText(LogFile)}");
            var saysItCannotStart = !IsUp && process.ExitCode == CannotStart;
            IsUp = false;
            // With its database away a node cannot start, says so, and is started again.
            var isExpected =
                saysItCannotStart
                || _isDeathExpected
                || _isForgivenToDie
                || _setup.Triggers.WasKilledAtAPoint(process.Id);
            _setup.Died(this, isExpected ? null : $"exit code {process.ExitCode}");
            process.Dispose();
            await Task.Delay(_restartDelay, TimeProvider.System, _ending.Token);
            if (_movesPorts)
                MovePorts();
            (_isDeathExpected, _restartDelay, _movesPorts) = (false, DefaultRestartDelay, false);
        }
    }

    private void Begin()
    {
        Directory.CreateDirectory(Folder);
        // The shell becomes the node: no pipe between it and us that could fill, or break.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = Folder };
        foreach (
            var word in new[]
            {
                "-c",
                "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null",
                "node",
                LogFile,
                "dotnet",
            }
        )
            start.ArgumentList.Add(word);
        List<string> words =
        [
            Program,
            "--data",
            DataFolder,
            "--urls",
            Url.GetLeftPart(UriPartial.Authority),
            Invariant($"--Cluster:SiloPort={_ports.Silo}"),
            Invariant($"--Cluster:ClientPort={_ports.Client}"),
            .. _setup.Settings,
        ];
        foreach (var word in words)
            start.ArgumentList.Add(word);
        start.Environment["CHAOS_NODE"] = Name;
        start.Environment["CHAOS_TRIGGERS"] = _setup.Triggers.Folder;
        File.AppendAllText(LogFile, Invariant($"== {Machine.Uptime:0.00} start {++Starts}\n"));
        _process = Process.Start(start)!;
    }

    private void ExpectDeath(TimeSpan? restartAfter, bool onOtherPorts)
    {
        _isDeathExpected = true;
        _restartDelay = restartAfter ?? DefaultRestartDelay;
        _movesPorts = onOtherPorts;
        IsUp = false;
    }

    private void MovePorts() => _ports = (Machine.FreePort(), Machine.FreePort(), Machine.FreePort());

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What a node is.</summary>
internal sealed record NodeSetup(
    string Name,
    bool IsSilo,
    string Folder,
    string LogFile,
    IReadOnlyList<string> Settings,
    DatabaseProxy Network,
    Triggers Triggers
)
{
    /// <summary>Called when it has become ready after a start.</summary>
    public required Action<ChaosNode> CameUp { get; init; }

    /// <summary>Called when it has died; with how, if nobody had wanted that.</summary>
    public required Action<ChaosNode, string?> Died { get; init; }
}
