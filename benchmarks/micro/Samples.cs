using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Jobs;

namespace GlueOrleans.Benchmarks.Micro;

/// <summary>A job and its runs, of the size that such things have: what all benchmarks work on.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    public static readonly ExecutorTenure Executor = new("node-1", 1);
    public static readonly JobKey JobKey = new("000000000000", "nightly");

    public static readonly JobSettings Job = JobRules
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

    public static readonly StartRun Request = new()
    {
        Arguments = new Dictionary<string, string> { ["--day"] = "2026-01-01" },
    };

    private static readonly RunSettings Settings = RunSettingsResolver.Resolve(Job, Request).Value!;

    /// <summary>That was just admitted, as <see cref="Grains.Runs.NewRun"/> makes it.</summary>
    public static RunRecord Starting(long ordinal = 1) =>
        new()
        {
            Job = JobKey,
            Id = RunId.New(),
            Ordinal = ordinal,
            Version = 1,
            State = JobRunState.Starting,
            StartedOn = Now,
            LastModifiedOn = Now,
            DeadlineAt = Now.AddMinutes(2),
            DueAt = Now.AddMinutes(2),
            Executor = Executor,
            Settings = Settings,
        };

    /// <summary>The same once its script has begun.</summary>
    public static RunRecord Running(long ordinal = 1) =>
        Starting(ordinal) with
        {
            Version = 2,
            State = JobRunState.Running,
            RunningSince = Now,
            DeadlineAt = Now.AddHours(1),
            DueAt = Now.AddHours(1),
        };
}
