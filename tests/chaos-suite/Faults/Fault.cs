using GlueOrleans.Tests.ChaosSuite.Cluster;
using GlueOrleans.Tests.ChaosSuite.Load;

namespace GlueOrleans.Tests.ChaosSuite.Faults;

/// <summary>Something that is done to the cluster. Returns when it is over, and what it broke is being mended.</summary>
/// <param name="Name">In the report.</param>
/// <param name="Do">What it does.</param>
internal sealed record Fault(string Name, Func<FaultScene, Task> Do)
{
    /// <summary>
    /// Seconds. For so long after a node is back its runs may still be found to be lost: a lease has to run out, a sweep to come
    /// by, and their grains to be found.
    /// </summary>
    public const double Aftermath = 25;
}

/// <summary>What faults have to do with.</summary>
internal sealed class FaultScene(
    ChaosCluster cluster,
    Ledger ledger,
    Probes probes,
    GlueHttp glue,
    SemaphoreSlim calm,
    Random random
)
{
    /// <summary>A kill's effects are measured for so long.</summary>
    private static readonly TimeSpan MeasuredFor = TimeSpan.FromSeconds(40);

    public ChaosCluster Cluster => cluster;

    public Ledger Ledger => ledger;

    public GlueHttp Glue => glue;

    public Random Random => random;

    public double Lease => ChaosCluster.Lease.TotalSeconds;

    public void Say(string line) => cluster.Progress.Say(line);

    public bool Coin() => random.Next(2) == 0;

    public TimeSpan Between(double least, double most) =>
        TimeSpan.FromSeconds(least + (most - least) * random.NextDouble());

    public static Task Wait(TimeSpan time) => Task.Delay(time, TimeProvider.System);

    /// <summary>A silo that is up, if there is one.</summary>
    public ChaosNode ASilo()
    {
        var up = cluster.Silos.Where(silo => silo.IsUp).ToList();
        if (up.Count == 0)
            up = cluster.Silos;
        return up[random.Next(up.Count)];
    }

    /// <summary>The silo that has been up for the longest time: grains live on it, where one that has just come may have none,
    /// and nobody would miss it.</summary>
    public ChaosNode TheOldestSilo() =>
        cluster.Silos.OrderBy(silo => silo.IsUp ? silo.UpSince : double.MaxValue).First();

    /// <summary>Does it while no other fault is begun.</summary>
    public async Task Alone(Func<Task> work)
    {
        await calm.WaitAsync();
        try
        {
            await work();
        }
        finally
        {
            calm.Release();
        }
    }

    /// <summary>
    /// Does something that takes grains away, alone and in a cluster that is well, and measures how long it takes until each of
    /// the probed grains answers a call that was made after it.
    /// </summary>
    public Task Measured(string what, Func<Task> work) =>
        Alone(async () =>
        {
            var isWell = await IsWell();
            await work();
            var at = Machine.Uptime;
            var recovery = await probes.AllAnswerAfter(at, MeasuredFor);
            if (!isWell)
            {
                Say($"{what}: not measured, as the cluster was not well before");
                return;
            }

            Say(
                FormattableString.Invariant(
                    $"{what}: all grains answered after {recovery ?? MeasuredFor.TotalSeconds:0.00} s"
                )
            );
            ledger.Recovered(what, recovery ?? MeasuredFor.TotalSeconds);
            if (recovery is null)
                ledger.Complain("answers", $"after '{what}' some grains did not answer for {MeasuredFor}");
        });

    private async Task<bool> IsWell()
    {
        try
        {
            await cluster.AllReady(TimeSpan.FromSeconds(30));
        }
        catch (TimeoutException)
        {
            return false;
        }

        return await probes.AllAnswerAfter(Machine.Uptime, TimeSpan.FromSeconds(20)) is not null;
    }
}
