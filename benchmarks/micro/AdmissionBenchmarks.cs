using BenchmarkDotNet.Attributes;
using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Accounts;
using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Benchmarks.Micro;

/// <summary>One run more, and one less, where so many are there already: it must not cost more for them.</summary>
[MemoryDiagnoser]
public class AdmissionBenchmarks
{
    private const double Dpus = 0.0625;

    private readonly string _runId = RunId.New();
    private SlotLedger _slots = null!;
    private RunQueue _queue = null!;
    private CapacityLedger _account = null!;

    /// <summary>Runs that hold a slot, and as many that wait.</summary>
    [Params(10, 10_000)]
    public int Others { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        string[] holders = [.. Enumerable.Range(0, Others).Select(_ => RunId.New())];
        WaitingRun[] waiting = [.. Enumerable.Range(1, Others).Select(place => Waiting(RunId.New(), place))];
        var roster = new JobRoster(Others, holders, waiting, []);
        _slots = new SlotLedger(roster);
        _queue = new RunQueue(roster);
        _account = new CapacityLedger(
            new AccountLimits
            {
                ConcurrentRuns = 1_000_000,
                TaskDpus = 1_000_000,
                QueuedRuns = 1_000_000,
            }
        );
        using var read = _account.BeginRead();
        _account.Correct(
            read,
            new AccountRoster(
                [.. holders.Select(id => new CapacityHolder(id, Dpus, IsFlex: false))],
                [.. waiting.Select(run => run.Id)]
            ),
            Samples.Now
        );
    }

    [Benchmark]
    public long A_slot_taken_and_given_back()
    {
        _slots.Reserve(_runId);
        var ordinal = _slots.NextOrdinal();
        _slots.Commit(_runId);
        _slots.Release(_runId);
        return ordinal;
    }

    /// <summary>At the end of the queue, with the question whether somebody is before it.</summary>
    [Benchmark]
    public bool A_place_in_the_queue()
    {
        var ordinal = Others + 1L;
        var isBehind = _queue.HasWaiting(isFlex: false);
        _queue.Expect(_runId, isFlex: false, ordinal);
        _queue.Add(Waiting(_runId, ordinal));
        _queue.Remove(_runId);
        return isBehind;
    }

    [Benchmark]
    public bool Capacity_of_the_account_taken_and_given_back()
    {
        var request = new CapacityRequest(
            _runId,
            Samples.JobKey,
            CapacityPurpose.Start,
            Dpus,
            IsFlex: false,
            Samples.Now
        );
        var isGranted = _account.TryGrant(request, Samples.Now) && _account.Confirm(_runId, Samples.Now);
        _account.Release([_runId]);
        return isGranted;
    }

    private static WaitingRun Waiting(string id, long ordinal) =>
        new(id, ordinal, Dpus, IsFlex: false, Samples.Now, "Waiting for a slot of the job.");
}
