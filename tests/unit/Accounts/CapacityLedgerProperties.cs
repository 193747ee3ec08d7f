using CsCheck;
using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Accounts;
using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.Ports;
using Xunit;

namespace GlueOrleans.Tests.Unit.Accounts;

public sealed class CapacityLedgerProperties
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly AccountLimits Limits = new()
    {
        ConcurrentRuns = 5,
        TaskDpus = 12,
        FlexDpus = 6,
        QueuedRuns = 4,
    };

    private static readonly double[] Sizes = [0, 0.0625, 1, 2, 4.5, 7, 12, 13];

    /// <summary>
    /// Against a model that is nothing but a dictionary: what it adds up to is what the ledger goes by, whatever the order
    /// of requests, ends and corrections; and what was granted never exceeds a limit.
    /// </summary>
    [Fact]
    public void What_is_granted_never_exceeds_a_limit_and_all_that_is_given_back_can_be_granted_again() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 11], Gen.Int[0, Sizes.Length - 1], Gen.Int[0, 40])
            .Array[1, 80]
            .Sample(Live, iter: 2000);

    private static void Live((int What, int Run, int Size, int Seconds)[] steps)
    {
        var ledger = new CapacityLedger(Limits);
        var held = new Dictionary<string, (double Dpus, bool IsFlex)>();
        var committed = new HashSet<string>();
        var promised = new Dictionary<string, DateTimeOffset>();
        var now = Start;
        foreach (var (what, number, size, seconds) in steps)
        {
            now = now.AddSeconds(seconds);
            var runId = $"jr_{number:00}";
            var isFlex = number % 3 == 0;
            // A run has one size.
            var dpus = Sizes[(number + size) % 2 == 0 ? number % Sizes.Length : number * 5 % Sizes.Length];
            dpus = held.TryGetValue(runId, out var known) ? known.Dpus : dpus;
            var request = new CapacityRequest(
                runId,
                new JobKey("000000000000", $"job-{number % 4}"),
                what == 1 ? CapacityPurpose.StartWhenPossible : CapacityPurpose.StartOrQueue,
                dpus,
                isFlex,
                Start
            );
            switch (what)
            {
                case 0 or 1 when ledger.TryGrant(request, now):
                    Assert.True(ledger.Confirm(runId, now));
                    held[runId] = (dpus, isFlex);
                    promised[runId] = now;
                    break;
                case 0 or 1:
                    Assert.False(held.ContainsKey(runId), "what is held was refused");
                    ledger.Queue(request, now);
                    break;
                case 2:
                    ledger.Release([runId]);
                    Forget(runId);
                    break;
                case 3 when held.ContainsKey(runId):
                    committed.Add(runId);
                    break;
                case 4:
                    ledger.TakeTurns(now);
                    break;
                case 5:
                    var roster = new AccountRoster(
                        [.. committed.Select(id => new CapacityHolder(id, held[id].Dpus, held[id].IsFlex))],
                        []
                    );
                    ledger.Correct(ledger.BeginRead(), roster, now);
                    foreach (var id in held.Keys.ToList())
                    {
                        if (committed.Contains(id))
                            promised.Remove(id);
                        else if (now - promised[id] > CapacityLedger.PromiseLasts)
                            Forget(id);
                    }

                    break;
            }

            Assert.Equal(held.Count, ledger.RunsHeld);
            Assert.True(held.Count <= Limits.ConcurrentRuns);
            Assert.True(Sum(isFlex: false) <= Limits.TaskDpus);
            Assert.True(Sum(isFlex: true) <= Limits.FlexDpus);
        }

        // The sums of the ledger are those of the model: what the model has left is granted, and not a sixteenth more.
        ledger.Release([.. Enumerable.Range(0, 12).Select(i => $"jr_{i:00}").Where(id => !held.ContainsKey(id))]);
        if (held.Count == Limits.ConcurrentRuns)
            return;
        foreach (var (isFlex, most) in new[] { (false, Limits.TaskDpus), (true, Limits.FlexDpus) })
        {
            var left = most - Sum(isFlex);
            Assert.False(ledger.TryGrant(Probe(left + 0.0625, isFlex), now), "more was granted than is left");
            Assert.True(ledger.TryGrant(Probe(left, isFlex), now), $"{left} DPUs are left and were not granted");
            ledger.Release(["probe"]);
        }

        double Sum(bool isFlex) => held.Values.Where(run => run.IsFlex == isFlex).Sum(run => run.Dpus);

        void Forget(string id)
        {
            held.Remove(id);
            committed.Remove(id);
            promised.Remove(id);
        }

        static CapacityRequest Probe(double dpus, bool isFlex) =>
            new("probe", new JobKey("000000000000", "probe"), CapacityPurpose.Start, dpus, isFlex, Start.AddYears(1));
    }
}
