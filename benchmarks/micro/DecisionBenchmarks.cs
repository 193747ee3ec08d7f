using BenchmarkDotNet.Attributes;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Runs;

namespace GlueOrleans.Benchmarks.Micro;

/// <summary>The pure parts that every run goes through.</summary>
[MemoryDiagnoser]
public class DecisionBenchmarks
{
    private static readonly RunDeadlines Deadlines = new();
    private static readonly RunEvent Launched = new RunEvent.Launched(Samples.Now);
    private static readonly RunEvent Exited = new RunEvent.Exited(Samples.Now, 0, null, false);

    private readonly RunRecord _starting = Samples.Starting();
    private readonly RunRecord _running = Samples.Running();

    private readonly SlotLedger _slots = new(new JobRoster(0, [], [], []));

    [Benchmark]
    public object Lifecycle_of_a_launch() => RunLifecycle.Decide(_starting, Launched, Samples.Now, Deadlines);

    [Benchmark]
    public object Lifecycle_of_an_exit() => RunLifecycle.Decide(_running, Exited, Samples.Now, Deadlines);

    /// <summary>A report that was delivered twice: nothing comes of it.</summary>
    [Benchmark]
    public object Lifecycle_of_a_repeated_report() => RunLifecycle.Decide(_running, Launched, Samples.Now, Deadlines);

    [Benchmark]
    public object Settings_of_a_run() => RunSettingsResolver.Resolve(Samples.Job, Samples.Request);

    [Benchmark]
    public AdmissionDecision Admission_and_release()
    {
        var decision = RunAdmission.Decide(
            new AdmissionSnapshot(1, _slots.SlotsHeld, OthersWait: false, MayQueue: false, ByTrigger: false)
        );
        _slots.Reserve(_running.Id);
        _slots.Commit(_running.Id);
        _slots.Release(_running.Id);
        return decision;
    }
}
