using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using GlueOrleans.Tests.Support;

namespace GlueOrleans.Tests.ChaosSuite.Cluster;

/// <summary>One node as a process of its own, which is started again when it has died, as an init system would.</summary>
internal sealed class ChaosNode : IAsyncDisposable
{
    /// <summary>A start takes seconds; on a busy machine with two cores, when all nodes start at once, a minute.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(120);

    /// <summary>The host gives its parts half a minute.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);

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
    private TaskCompletionSource<int> _exit = new();
    private Task _keeping = Task.CompletedTask;
    private int _pid;
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

    /// <summary>The machine's uptime when it last came up.</summary>
    public double UpSince { get; private set; }

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
        Machine.Signal(_pid, Machine.Sigkill);
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

    public void Pause() => Machine.Signal(_pid, Machine.Sigstop);

    public void Resume() => Machine.Signal(_pid, Machine.Sigcont);

    /// <summary>SIGTERM. Answers what was wrong with how it ended, if anything was. A node that came by a point at which it was
    /// to be killed, while it stopped, has ended as it should.</summary>
    public async Task<string?> Stop(TimeSpan? restartAfter = null, bool onOtherPorts = false)
    {
        ExpectDeath(restartAfter, onOtherPorts);
        var (pid, exit) = (_pid, _exit.Task);
        Machine.Signal(pid, Machine.Sigterm);
        try
        {
            var code = await exit.WaitAsync(StopPatience, TimeProvider.System);
            return code == 0 || _setup.Triggers.WasKilledAtAPoint(pid) ? null : $"exit code {code}";
        }
        catch (TimeoutException)
        {
            Machine.Signal(pid, Machine.Sigkill);
            return $"it had not ended after {StopPatience}";
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
        // Between two starts there is none.
        if (_pid != 0 && !_exit.Task.IsCompleted)
        {
            Machine.Signal(_pid, Machine.Sigkill);
            await _process!.WaitForExitAsync();
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
            // Who was told to end before it was up is not to come up any more.
            while (!exit.IsCompleted && !_isDeathExpected)
            {
                if (await IsReady())
                {
                    IsUp = true;
                    UpSince = Machine.Uptime;
                    _upTimes++;
                    _setup.CameUp(this);
                    break;
                }

                await Task.WhenAny(exit, Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System));
            }

            await exit.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_ending.IsCancellationRequested)
                return;
            var code = process.ExitCode;
            var cannotStart = !IsUp && code == CannotStart;
            if (cannotStart && _upTimes == 0)
                throw new InvalidOperationException($"{Name} cannot start: {File.ReadAllText(LogFile)}");
            IsUp = false;
            // With its database away a node cannot start, says so, and is started again.
            var isExpected =
                cannotStart || _isDeathExpected || _isForgivenToDie || _setup.Triggers.WasKilledAtAPoint(process.Id);
            _setup.Died(this, isExpected ? null : $"exit code {code}");
            process.Dispose();
            _exit.TrySetResult(code);
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
        _exit = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = Process.Start(start)!;
        _pid = _process.Id;
    }

    private void ExpectDeath(TimeSpan? restartAfter, bool onOtherPorts)
    {
        _isDeathExpected = true;
        _restartDelay = restartAfter ?? DefaultRestartDelay;
        _movesPorts = onOtherPorts;
        IsUp = false;
    }

    private void MovePorts() => _ports = (FreePort.Next(), FreePort.Next(), FreePort.Next());

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
