using System.Text.Json;
using BenchmarkDotNet.Attributes;
using GlueOrleans.Gateway.Operations;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Benchmarks.Micro;

/// <summary>What the gateway does with bytes, around its one grain call.</summary>
[MemoryDiagnoser]
public class ProtocolBenchmarks
{
    private static readonly byte[] Body =
        """{"JobName": "nightly", "Arguments": {"--day": "2026-01-01", "--region": "eu"}, "Timeout": 60}"""u8.ToArray();

    private static readonly Shape Input = ShapeTable.Glue.Operations["StartJobRun"].Input;
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly RunRecord _run = new()
    {
        Job = new JobKey("000000000000", "nightly"),
        Id = RunId.New(),
        Ordinal = 1,
        Version = 2,
        State = JobRunState.Running,
        StartedOn = Now,
        LastModifiedOn = Now,
        RunningSince = Now,
        Settings = new RunSettings
        {
            Arguments = new Dictionary<string, string> { ["--day"] = "2026-01-01", ["--region"] = "eu" },
            ScriptArguments = new Dictionary<string, string>(),
            Command = new JobCommand { Name = "glueetl" },
            JobMode = "SCRIPT",
            LogGroupName = "/aws-glue/jobs",
        },
    };

    [Benchmark]
    public bool Validate_StartJobRun() => ShapeValidator.Validate(Body, Input) is null;

    [Benchmark]
    public object? Parse_StartJobRun() => JsonSerializer.Deserialize(Body, AwsJson.Wire.StartJobRunRequest);

    [Benchmark]
    public byte[] Write_GetJobRun() =>
        JsonSerializer.SerializeToUtf8Bytes(
            new GetJobRunResponse { JobRun = JobRunView.Of(_run, Now) },
            AwsJson.Wire.GetJobRunResponse
        );
}
