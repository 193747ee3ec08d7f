using GlueOrleans.Tests.ChaosSuite.Cluster;
using GlueOrleans.Tests.ChaosSuite.Faults;
using GlueOrleans.Tests.ChaosSuite.Load;

namespace GlueOrleans.Tests.ChaosSuite;

/// <summary>
/// Notices when the machine itself gives nobody a processor. A lease that runs out then has run out for a reason, and it is not
/// the program's.
/// </summary>
internal static class StallWatch
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(200);

    /// <summary>A node asks for its lease ten times while it lasts; it is safe while most of that time is left.</summary>
    private static readonly double TooLate = ChaosCluster.Lease.TotalSeconds / 4;

    public static async Task Run(Ledger ledger, Progress progress, CancellationToken end)
    {
        for (var before = Machine.Uptime; !end.IsCancellationRequested; )
        {
            await Task.Delay(Tick, TimeProvider.System, CancellationToken.None);
            var now = Machine.Uptime;
            if (now - before > TooLate)
            {
                progress.Say(FormattableString.Invariant($"the machine stood still for {now - before:0.0} s"));
                ledger.Count(ledger.Answers, "the machine stood still");
                ledger.Harm(null, before, now + Fault.Aftermath, "the machine stood still");
            }

            before = now;
        }
    }
}
