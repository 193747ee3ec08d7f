using GlueOrleans.Tests.ChaosSuite.Checker;
using GlueOrleans.Tests.ChaosSuite.Cluster;
using GlueOrleans.Tests.ChaosSuite.Faults;
using GlueOrleans.Tests.ChaosSuite.Load;
using Xunit;

namespace GlueOrleans.Tests.ChaosSuite;

/// <summary>The pass itself: <c>tests/chaos --help</c>.</summary>
public sealed class Chaos
{
    /// <summary>Longer than a run that times out takes to do so, and a lost node to be noticed, one after the other.</summary>
    private static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(180);

    [Fact]
    public async Task Loses_no_run_and_runs_none_twice()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("Needs Linux: processes are found in /proc.");
        var options = ChaosOptions.FromEnvironment();
        var ledger = new Ledger();
        await using var cluster = await ChaosCluster.Start(options.Silos, ledger);
        cluster.Progress.Say(
            $"seed {options.Seed}; full disk: {(cluster.Disk is null ? "simulated, not being root" : "a small file system")}"
        );
        using var glue = new GlueHttp(cluster.GatewayNodes);
        try
        {
            await CreateJobs(glue);
            var isSettled = await Play(options, cluster, glue, ledger);
            var history = await Collect(cluster, ledger);
            List<Violation> violations = [.. ledger.Violations, .. HistoryChecker.Check(history)];
            var report = new Report(options, ledger, history, violations).ToString();
            Console.WriteLine(report);
            await File.WriteAllTextAsync(Path.Combine(cluster.Folder, "report.txt"), report);
            if (violations.Count > 0 || !isSettled)
                cluster.KeepLogs();
            Assert.True(
                violations.Count == 0,
                $"{violations.Count} violations; logs and report are in {cluster.Folder}\n{report}"
            );
        }
        catch
        {
            cluster.KeepLogs();
            cluster.Progress.Say($"failed; logs are in {cluster.Logs}");
            throw;
        }
    }

    private static async Task CreateJobs(GlueHttp glue)
    {
        List<object> definitions = [.. Jobs.All.Select(job => job.Definition(ChaosCluster.Script))];
        for (var n = 0; n < Jobs.Probes; n++)
        {
            definitions.Add(
                new ChaosJob(new JobRule(Jobs.Probe(n), 1), IsQueuing: false, Clients: 0, Backlog: 0)
                {
                    Arguments = _ => [],
                }.Definition(ChaosCluster.Script)
            );
        }

        foreach (var definition in definitions)
        {
            var answer = await glue.Call("CreateJob", definition, TimeSpan.FromSeconds(60));
            Assert.True(
                answer is { Error: null },
                $"CreateJob was answered with {answer?.Body.ToJsonString() ?? "nothing"}"
            );
        }
    }

    /// <summary>Load and faults; then no more faults, and no more load, until nothing moves. False: something still does.</summary>
    private static async Task<bool> Play(ChaosOptions options, ChaosCluster cluster, GlueHttp glue, Ledger ledger)
    {
        using var noMoreFaults = new CancellationTokenSource();
        using var noMoreLoad = new CancellationTokenSource();
        using var noMoreProbes = new CancellationTokenSource();
        using var calm = new SemaphoreSlim(1);
        var probes = new Probes(glue);
        FaultScene Scene(int salt) => new(cluster, ledger, probes, glue, calm, new Random(options.Seed + salt));

        var watching = StallWatch.Run(ledger, cluster.Progress, noMoreProbes.Token);
        var probing = probes.Run(noMoreProbes.Token);
        var load = new Clients(glue, cluster.History, ledger, options.Seed).Run(noMoreLoad.Token);
        Task[] faults =
        [
            new Injector(Scene(1), FaultKinds.LongFirst, FaultKinds.LongLater).Run(noMoreFaults.Token),
            new Injector(Scene(2), FaultKinds.ShortFirst, FaultKinds.ShortLater).Run(noMoreFaults.Token),
        ];
        noMoreFaults.CancelAfter(options.Time);
        await Task.WhenAll(faults);
        cluster.Progress.Say("no more faults");
        await cluster.AllReady(TimeSpan.FromSeconds(150));
        await noMoreLoad.CancelAsync();
        await load;
        cluster.Progress.Say("no more load; waiting until every run has ended");
        var isSettled = await Settle(cluster);
        await noMoreProbes.CancelAsync();
        await Task.WhenAll(probing, watching);
        await NothingRuns(cluster, ledger);
        return isSettled;
    }

    private static async Task<bool> Settle(ChaosCluster cluster)
    {
        for (var until = Machine.Uptime + SettlePatience.TotalSeconds; Machine.Uptime < until; )
        {
            var left = await cluster.History.Unsettled();
            if (left.Count == 0)
                return true;
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        }

        cluster.Progress.Say($"has not settled after {SettlePatience}");
        return false;
    }

    /// <summary>When every run has ended, so have all scripts; a supervisor may need a moment to go.</summary>
    private static async Task NothingRuns(ChaosCluster cluster, Ledger ledger)
    {
        IReadOnlyList<string> left = [];
        for (var until = Machine.Uptime + 10; Machine.Uptime < until; )
        {
            left = cluster.Scripts();
            if (left.Count == 0)
                return;
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }

        foreach (var process in left)
            ledger.Complain("nothing is left running", process);
    }

    private static async Task<History> Collect(ChaosCluster cluster, Ledger ledger) =>
        new()
        {
            Versions = await cluster.History.Read(),
            Executions = MarkFiles.Read(cluster.Marks),
            Acknowledged = [.. ledger.Acknowledged],
            Stopped = [.. ledger.Stopped],
            Harms = [.. ledger.Harms],
            BookmarkedBy = await cluster.History.ReadBookmarks(),
            Jobs = Jobs.All.ToDictionary(job => job.Name, job => job.Rule),
            AccountLimit = ChaosCluster.AccountLimit,
            NodeLimit = ChaosCluster.NodeLimit,
        };
}
