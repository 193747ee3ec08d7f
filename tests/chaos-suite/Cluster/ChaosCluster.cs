using System.Diagnostics;
using System.Globalization;
using GlueOrleans.Tests.ChaosSuite.Load;
using GlueOrleans.Tests.Support;

namespace GlueOrleans.Tests.ChaosSuite.Cluster;

/// <summary>
/// A database, silos and gateways, as processes; each silo with the folders of a machine of its own, and a network of its own to
/// the database. When the suite ends, or is ended, all of it is gone: reaper.sh sees to that.
/// </summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    /// <summary>
    /// How long a silo may be without the database before it loses its runs. Half the shipped setting, so that a pass has room
    /// for more faults. Its processes are ended after two thirds, and by force at five sixths: 2.5 s ahead of the others,
    /// which a guard that waits for a processor among builds has to do with.
    /// </summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    /// <summary>Scripts at a time on one node. All nodes together have room for more than the account, one alone for less.</summary>
    public const int NodeLimit = 5;

    public const int AccountLimit = 12;

    private const int Gateways = 2;

    private static readonly string Here = AppContext.BaseDirectory;

    private readonly List<DatabaseProxy> _networks = [];
    private readonly Dictionary<string, double> _diedAt = new(StringComparer.Ordinal);
    private readonly Ledger _ledger;
    private Process? _reaper;

    private ChaosCluster(string folder, Ledger ledger)
    {
        Folder = folder;
        _ledger = ledger;
        Progress = new Progress(Path.Combine(folder, "progress.log"));
        Triggers = new Triggers(Path.Combine(folder, "triggers"));
        Marks = Directory.CreateDirectory(Path.Combine(folder, "marks")).FullName;
        Logs = Directory.CreateDirectory(Path.Combine(folder, "logs")).FullName;
    }

    public string Folder { get; }

    public string Logs { get; }

    public string Marks { get; }

    public Progress Progress { get; }

    public Triggers Triggers { get; }

    public PostgresServer Database { get; private set; } = null!;

    public HistoryTable History { get; private set; } = null!;

    public List<ChaosNode> Silos { get; } = [];

    public List<ChaosNode> GatewayNodes { get; } = [];

    public IEnumerable<ChaosNode> Nodes => Silos.Concat(GatewayNodes);

    /// <summary>The last silo's disk can be filled; <c>null</c>: not by this user.</summary>
    public SmallDisk? Disk { get; private set; }

    public static string Script => Path.Combine(Here, "script.sh");

    public static async Task<ChaosCluster> Start(int silos, Ledger ledger)
    {
        var folder = Directory.CreateTempSubdirectory("glue-chaos-").FullName;
        var cluster = new ChaosCluster(folder, ledger);
        try
        {
            await cluster.Begin(silos);
            return cluster;
        }
        catch
        {
            cluster.KeepLogs();
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The folder is left where it is.</summary>
    public void KeepLogs() => File.WriteAllText(Path.Combine(Folder, "keep"), "");

    public async Task AllReady(TimeSpan patience) => await Task.WhenAll(Nodes.Select(node => node.Ready(patience)));

    /// <summary>The scripts, and their supervisors, that are alive.</summary>
    public IReadOnlyList<string> Scripts() =>
        [
            .. Machine
                .ProcessesOf(Folder)
                .Where(pid => Machine.HasInEnvironment(pid, "CHAOS_MARKS="))
                .Select(pid => $"{pid} {Machine.CommandLine(pid)}"),
        ];

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Nodes.Select(node => node.DisposeAsync().AsTask()));
        foreach (var network in _networks)
            await network.DisposeAsync();
        if (History is not null)
            await History.DisposeAsync();
        if (Database is not null)
            await Database.DisposeAsync();
        if (_reaper is { } reaper)
        {
            reaper.StandardInput.Close();
            await reaper.WaitForExitAsync();
            reaper.Dispose();
        }
    }

    private async Task Begin(int silos)
    {
        // In a session of its own: a Ctrl-C is not for it.
        _reaper = Process.Start(
            new ProcessStartInfo("setsid", ["/bin/sh", Path.Combine(Here, "reaper.sh"), Folder])
            {
                RedirectStandardInput = true,
            }
        )!;
        Progress.Say($"folder {Folder}");
        Database = await PostgresServer.Start();
        var connection = await Database.CreateDatabase();
        History = new HistoryTable(connection);

        for (var n = 1; n <= silos; n++)
            Silos.Add(NewNode($"silo-{n}", connection, isSilo: true));
        for (var n = 1; n <= Gateways; n++)
            GatewayNodes.Add(NewNode($"gateway-{n}", connection, isSilo: false));
        Disk = await SmallDisk.TryMount(Silos[^1].DataFolder);

        Progress.Say("starting the first silo, which makes the schema");
        await Silos[0].Start();
        await History.Begin();
        Progress.Say("starting the others");
        await Task.WhenAll(Nodes.Skip(1).Select(node => node.Start()));
    }

    private ChaosNode NewNode(string name, string connection, bool isSilo)
    {
        var network = new DatabaseProxy(Database.Port);
        _networks.Add(network);
        var database = connection.Replace(
            $"Port={Database.Port}",
            $"Port={network.Port}",
            StringComparison.OrdinalIgnoreCase
        );
        var folder = Path.Combine(Folder, name);
        List<string> settings =
        [
            $"--Cluster:Database={database}",
            $"--Cluster:Node={name}",
            $"--Cluster:Roles={(isSilo ? "silo,executor" : "gateway")}",
            // Asked several times a second while it starts, it need not complain each time.
            "--Logging:LogLevel:Microsoft.Extensions.Diagnostics.HealthChecks=None",
        ];
        if (isSilo)
        {
            settings.AddRange([
                $"--Executor:Lease={Lease}",
                $"--Executor:MaxRuns={NodeLimit}",
                "--Executor:StopGrace=00:00:02",
                "--Executor:Commands:pythonshell=sh {script} {arguments}",
                $"--Executor:Environment:CHAOS_MARKS={Marks}",
                $"--Executor:Environment:CHAOS_NODE={name}",
                $"--Limits:ConcurrentRuns={AccountLimit}",
                "--Runs:RetryPause=00:00:02",
                "--Runs:LaunchDeadline=00:00:30",
                // Longer than a lease: who waits for a node that is gone hears of its loss first.
                "--Runs:StopDeadline=00:00:45",
                "--Upkeep:SweepPeriod=00:00:02",
            ]);
        }

        return new ChaosNode(
            new NodeSetup(name, isSilo, folder, Path.Combine(Logs, $"{name}.log"), settings, network, Triggers)
            {
                CameUp = CameUp,
                Died = Died,
            }
        );
    }

    private void Died(ChaosNode node, string? unexpectedly)
    {
        // One that dies again before it was up has been away since the first time.
        lock (_diedAt)
            _diedAt.TryAdd(node.Name, Machine.Uptime);
        if (unexpectedly is null)
            return;
        Progress.Say($"{node.Name} has ended by itself: {unexpectedly}");
        _ledger.Complain("nodes live", $"{node.Name} has ended by itself: {unexpectedly}. Its log: {node.LogFile}");
    }

    /// <summary>A node that was away for long may have lost its runs, whatever the fault meant to do.</summary>
    private void CameUp(ChaosNode node)
    {
        lock (_diedAt)
        {
            if (!_diedAt.Remove(node.Name, out var at))
                return;
            var away = Machine.Uptime - at;
            Progress.Say(string.Create(CultureInfo.InvariantCulture, $"{node.Name} is back after {away:0.0} s"));
            if (node.IsSilo && away > Lease.TotalSeconds / 2)
                _ledger.Harm(node.Name, at, Machine.Uptime + Faults.Fault.Aftermath, "it was away");
        }
    }
}
