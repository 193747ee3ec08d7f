using BenchmarkDotNet.Attributes;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Runs;

namespace GlueOrleans.Benchmarks.Micro;

/// <summary>The pure parts that every run goes through.</summary>
[MemoryDiagnoser]
public class DecisionBenchmarks
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly RunDeadlines Deadlines = new();
    private static readonly RunEvent Exited = new RunEvent.Exited(Now, 0, null, false);

    private static readonly JobSettings Job = JobRules
        .Complete(
            new JobSettings
            {
                Role = "any",
                Command = new JobCommand { Name = "glueetl", ScriptLocation = "s3://bucket/script.py" },
                DefaultArguments = new Dictionary<string, string> { ["--TempDir"] = "s3://bucket/tmp", ["--day"] = "" },
                WorkerType = "G.1X",
                NumberOfWorkers = 10,
            },
            null,
            new GlueDefaults()
        )
        .Value!;

    private static readonly StartRun Request = new()
    {
        Arguments = new Dictionary<string, string> { ["--day"] = "2026-01-01" },
    };

    private readonly RunRecord _running = new()
    {
        Job = new JobKey("000000000000", "job"),
        Id = RunId.New(),
        Ordinal = 1,
        Version = 2,
        State = JobRunState.Running,
        StartedOn = Now,
        LastModifiedOn = Now,
        RunningSince = Now,
        DueAt = Now.AddHours(1),
        Settings = RunSettingsResolver.Resolve(Job, Request).Value!,
    };

    private readonly SlotLedger _slots = new(new JobRoster(0, [], [], []));

    [Benchmark]
    public object Lifecycle_of_an_exit() => RunLifecycle.Decide(_running, Exited, Now, Deadlines);

    [Benchmark]
    public object Settings_of_a_run() => RunSettingsResolver.Resolve(Job, Request);

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
