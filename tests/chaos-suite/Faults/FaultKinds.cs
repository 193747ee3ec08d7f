using GlueOrleans.Tests.ChaosSuite.Cluster;
using GlueOrleans.Tests.ChaosSuite.Load;

namespace GlueOrleans.Tests.ChaosSuite.Faults;

/// <summary>
/// All faults, in two decks that are played at the same time: those that take long, and those that are over soon. What comes
/// first in a deck is in the shortest pass as well.
/// </summary>
internal static class FaultKinds
{
    public static readonly IReadOnlyList<Fault> LongFirst =
    [
        new("kill -9 host", KillHost),
        new("hung silo", Hang),
        new("rolling restart", RollingRestart),
    ];

    public static readonly IReadOnlyList<Fault> LongLater =
    [
        new("network cut beyond the lease", CutForLong),
        new("kill -9 silo, back after its lease", KillSiloForLong),
        new("full disk", FullDisk),
        new("kill -9 all silos", KillAllSilos),
    ];

    public static readonly IReadOnlyList<Fault> ShortFirst =
    [
        new("kill -9 silo", KillSilo),
        new("kill -9 database", KillDatabase),
        AtPoint("create.before"),
        AtPoint("launch.before"),
        AtPoint("exit.before"),
        AtPoint("failed.after"),
        Doubt("create.doubt"),
        new("kill -9 gateway", KillGateway),
    ];

    public static readonly IReadOnlyList<Fault> ShortLater =
    [
        new("silo paused for 3 s", Pause),
        new("network cut within the lease", CutBriefly),
        AtPoint("create.after"),
        AtPoint("launched.before"),
        AtPoint("end.before"),
        AtPoint("end.after"),
        AtPoint("retry.before"),
        AtPoint("retry.after"),
        AtPoint("bookmark.before"),
        AtPoint("bookmark.after"),
        new("kill -9 at lease.after", KillAtLease),
        Doubt("save.doubt"),
        Doubt("end.doubt"),
        Doubt("retry.doubt"),
        Doubt("bookmark.doubt"),
        Armed("create.delay", "a write delayed: create", "delay 3000"),
        Armed("save.delay", "a write delayed: save", "delay 3000"),
    ];

    /// <summary>For longer than it takes to come by any point, under the load of a pass.</summary>
    private static readonly TimeSpan UntilReached = TimeSpan.FromSeconds(30);

    /// <summary>Until a node is back: it may be killed again on its way by the other deck, on a machine that is busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    private static Fault AtPoint(string point) => Armed(point, $"kill -9 at {point}", "kill");

    private static Fault Doubt(string point) => Armed(point, $"written, and a timeout reported: {point}", "doubt");

    private static Fault Armed(string point, string name, string action) =>
        new(
            name,
            async scene =>
            {
                await scene.Alone(() =>
                {
                    scene.Cluster.Triggers.Arm(point, action);
                    return Task.CompletedTask;
                });
                for (var until = Machine.Uptime + UntilReached.TotalSeconds; scene.Cluster.Triggers.IsArmed(point); )
                {
                    if (Machine.Uptime > until && scene.Cluster.Triggers.Disarm(point))
                    {
                        scene.Say($"nobody came by {point}");
                        scene.Ledger.Count(scene.Ledger.Faults, $"{name} (not reached)");
                        scene.Ledger.Faults.AddOrUpdate(name, 0, (_, n) => n - 1);
                        return;
                    }

                    await FaultScene.Wait(TimeSpan.FromMilliseconds(50));
                }
            }
        );

    private static Task KillSilo(FaultScene scene) =>
        scene.Measured(
            "kill -9 silo",
            () =>
            {
                var silo = scene.TheOldestSilo();
                scene.Say($"kill -9 {silo.Name}");
                scene.Ledger.KilledSilos.Enqueue((silo.Name, Machine.Uptime));
                silo.Kill(scene.Between(0.2, 2), onOtherPorts: scene.Coin());
                return Task.CompletedTask;
            }
        );

    private static Task KillSiloForLong(FaultScene scene) =>
        scene.Measured(
            "kill -9 silo",
            () =>
            {
                var silo = scene.TheOldestSilo();
                scene.Say($"kill -9 {silo.Name}, and leave it dead");
                Lose(scene, silo, scene.Lease + 8, "its silo was killed for long");
                silo.Kill(TimeSpan.FromSeconds(scene.Lease + 8), onOtherPorts: scene.Coin());
                return Task.CompletedTask;
            }
        );

    private static Task KillAllSilos(FaultScene scene) =>
        scene.Measured(
            "kill -9 all silos",
            () =>
            {
                scene.Say("kill -9 all silos");
                foreach (var silo in scene.Cluster.Silos.Where(silo => silo.IsUp))
                    silo.Kill(TimeSpan.FromSeconds(1), onOtherPorts: scene.Coin());
                return Task.CompletedTask;
            }
        );

    private static Task KillHost(FaultScene scene) =>
        scene.Measured(
            "kill -9 host",
            async () =>
            {
                var silo = scene.TheOldestSilo();
                var away = scene.Coin() ? scene.Between(1, 3) : TimeSpan.FromSeconds(scene.Lease + 8);
                scene.Say(
                    FormattableString.Invariant($"kill -9 {silo.Name} and all on its host, for {away.TotalSeconds:0} s")
                );
                Lose(scene, silo, away.TotalSeconds + scene.Lease, "its host was killed");
                scene.Ledger.LostHosts.Enqueue((silo.Name, Machine.Uptime));
                await silo.KillHost(away, onOtherPorts: scene.Coin());
            }
        );

    private static async Task KillGateway(FaultScene scene)
    {
        var gateway = scene.Cluster.GatewayNodes[scene.Random.Next(scene.Cluster.GatewayNodes.Count)];
        await scene.Alone(async () =>
        {
            await gateway.Ready(Patience);
            scene.Say($"kill -9 {gateway.Name}");
            gateway.Kill(onOtherPorts: scene.Coin());
        });
        await gateway.Ready(Patience);
    }

    private static async Task Pause(FaultScene scene)
    {
        ChaosNode silo = null!;
        await scene.Alone(() =>
        {
            silo = scene.ASilo();
            scene.Say($"SIGSTOP {silo.Name} for 3 s");
            silo.Pause();
            return Task.CompletedTask;
        });
        await FaultScene.Wait(TimeSpan.FromSeconds(3));
        silo.Resume();
    }

    private static async Task Hang(FaultScene scene)
    {
        ChaosNode silo = null!;
        var time = scene.Lease + 6;
        await scene.Measured(
            "hung silo",
            () =>
            {
                silo = scene.TheOldestSilo();
                scene.Say(FormattableString.Invariant($"SIGSTOP {silo.Name} for {time:0} s"));
                Lose(scene, silo, time, "its silo hung");
                silo.Forgive(itMayDie: true);
                silo.Pause();
                return Task.CompletedTask;
            }
        );
        await FaultScene.Wait(TimeSpan.FromSeconds(time));
        scene.Say($"SIGCONT {silo.Name}");
        silo.Resume();
        await BackAgain(scene, silo);
    }

    private static async Task CutBriefly(FaultScene scene)
    {
        ChaosNode silo = null!;
        await scene.Alone(() =>
        {
            silo = scene.ASilo();
            scene.Say($"cut {silo.Name} off the database for 4 s");
            silo.Network.Cut();
            return Task.CompletedTask;
        });
        await FaultScene.Wait(TimeSpan.FromSeconds(4));
        silo.Network.Mend(drops: scene.Coin());
    }

    private static async Task CutForLong(FaultScene scene)
    {
        ChaosNode silo = null!;
        var time = scene.Lease + 8;
        await scene.Alone(() =>
        {
            silo = scene.ASilo();
            scene.Say(FormattableString.Invariant($"cut {silo.Name} off the database for {time:0} s"));
            Lose(scene, silo, time, "it was cut off the database");
            silo.Forgive(itMayDie: true);
            silo.Network.Cut();
            return Task.CompletedTask;
        });
        await FaultScene.Wait(TimeSpan.FromSeconds(time));
        scene.Say($"mend the network of {silo.Name}");
        silo.Network.Mend(drops: scene.Coin());
        await BackAgain(scene, silo);
    }

    private static async Task KillDatabase(FaultScene scene)
    {
        await scene.Alone(async () =>
        {
            scene.Say("kill -9 the database");
            var at = Machine.Uptime;
            await scene.Cluster.Database.Kill();
            await FaultScene.Wait(scene.Between(0.2, 2));
            await scene.Cluster.Database.Run();
            var back = Machine.Uptime;
            if (back - at > scene.Lease / 2)
                scene.Ledger.Harm(null, at, back + Fault.Aftermath, "the database was away");
            var started = await scene.Glue.Call(
                "StartJobRun",
                new { JobName = Jobs.All[0].Name, Arguments = Jobs.All[0].Arguments(scene.Random) },
                TimeSpan.FromSeconds(60)
            );
            var took = Machine.Uptime - back;
            if (started is { Error: null })
            {
                scene.Ledger.Acknowledged.Enqueue(
                    new((string)started.Body["JobRunId"]!, Jobs.All[0].Name, Machine.Uptime)
                );
                scene.Ledger.Recovered("kill -9 database", took);
            }
            else
            {
                scene.Ledger.Complain(
                    "answers",
                    $"no StartJobRun succeeded within {took:0} s of the database's return"
                );
            }

            scene.Say(
                FormattableString.Invariant($"kill -9 database: a run was started {took:0.00} s after its return")
            );
        });
    }

    private static async Task KillAtLease(FaultScene scene)
    {
        await scene.Alone(() =>
        {
            var silo = scene.ASilo();
            scene.Say($"kill -9 {silo.Name}, and once more when it has its lease again");
            scene.Cluster.Triggers.Arm("lease.after", "kill");
            silo.Kill();
            return Task.CompletedTask;
        });
        for (var until = Machine.Uptime + 60; scene.Cluster.Triggers.IsArmed("lease.after"); )
        {
            if (Machine.Uptime > until && scene.Cluster.Triggers.Disarm("lease.after"))
                return;
            await FaultScene.Wait(TimeSpan.FromMilliseconds(50));
        }
    }

    private static async Task FullDisk(FaultScene scene)
    {
        var silo = scene.Cluster.Silos[^1];
        if (scene.Cluster.Disk is not { } disk)
        {
            // Only root can have a disk that is small. Said so to one launch, then.
            scene.Ledger.Harm(
                null,
                Machine.Uptime,
                Machine.Uptime + Fault.Aftermath + 40,
                "a disk was said to be full"
            );
            await Armed("launch.before", "full disk (simulated)", "full").Do(scene);
            return;
        }

        await scene.Alone(() =>
        {
            scene.Say($"fill the disk of {silo.Name} for 5 s");
            scene.Ledger.Harm(silo.Name, Machine.Uptime, Machine.Uptime + 5 + Fault.Aftermath, "its disk was full");
            disk.Fill();
            return Task.CompletedTask;
        });
        await FaultScene.Wait(TimeSpan.FromSeconds(5));
        disk.Free();
    }

    private static async Task RollingRestart(FaultScene scene)
    {
        foreach (var node in scene.Cluster.Nodes.ToList())
        {
            await scene.Alone(async () =>
            {
                await node.Ready(Patience);
                scene.Say($"SIGTERM {node.Name}");
                var at = Machine.Uptime;
                if (await node.Stop(onOtherPorts: scene.Coin()) is { } fault)
                    scene.Ledger.Complain("nodes stop", $"{node.Name} did not stop in order: {fault}");
                scene.Ledger.Recovered("graceful stop", Machine.Uptime - at);
            });
            await node.Ready(Patience);
        }
    }

    /// <summary>The node's runs may fail from now on.</summary>
    private static void Lose(FaultScene scene, ChaosNode node, double seconds, string why) =>
        scene.Ledger.Harm(node.Name, Machine.Uptime, Machine.Uptime + seconds + Fault.Aftermath, why);

    /// <summary>A silo that was declared dead meanwhile ends itself, and is started again.</summary>
    private static async Task BackAgain(FaultScene scene, ChaosNode silo)
    {
        var from = Machine.Uptime;
        await FaultScene.Wait(TimeSpan.FromSeconds(5));
        await silo.Ready(Patience);
        silo.Forgive(itMayDie: false);
        scene.Ledger.Harm(silo.Name, from, Machine.Uptime + Fault.Aftermath, "it came back");
    }
}
