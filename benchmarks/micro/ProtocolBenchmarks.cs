using System.Text.Json;
using BenchmarkDotNet.Attributes;
using GlueOrleans.Gateway.Operations;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Runs;
using Microsoft.AspNetCore.Http;

namespace GlueOrleans.Benchmarks.Micro;

/// <summary>What the gateway does with bytes, around its one grain call.</summary>
[MemoryDiagnoser]
public class ProtocolBenchmarks
{
    private static readonly byte[] Body =
        """{"JobName": "nightly", "Arguments": {"--day": "2026-01-01", "--region": "eu"}, "Timeout": 60}"""u8.ToArray();

    private static readonly byte[] JobBody =
        """
        {
            "Name": "nightly", "Role": "arn:aws:iam::000000000000:role/glue", "GlueVersion": "5.0", "MaxRetries": 2,
            "Command": {"Name": "glueetl", "ScriptLocation": "s3://bucket/script.py", "PythonVersion": "3"},
            "DefaultArguments": {"--TempDir": "s3://bucket/tmp", "--job-language": "python", "--day": ""},
            "ExecutionProperty": {"MaxConcurrentRuns": 10}, "WorkerType": "G.1X", "NumberOfWorkers": 10,
            "Tags": {"team": "data", "stage": "test"}
        }
        """u8.ToArray();

    private static readonly byte[] FaultyBody = """{"JobName": "", "Timeout": 0, "WorkerType": "huge"}"""u8.ToArray();

    private static readonly Shape Input = ShapeTable.Glue.Operations["StartJobRun"].Input;
    private static readonly Shape JobInput = ShapeTable.Glue.Operations["CreateJob"].Input;

    /// <summary>The largest answer that there is, at the size that people ask for: a page.</summary>
    private const int PageSize = 50;

    private readonly RunRecord _run = Samples.Running();

    private readonly GetJobRunsResponse _page = new()
    {
        JobRuns = [.. Enumerable.Range(1, PageSize).Select(n => JobRunView.Of(Samples.Running(n), Samples.Now))],
        NextToken = "eyJwbGFjZSI6IjQyIn0",
    };

    private readonly StartJobRunResponse _started = new() { JobRunId = RunId.New() };

    private readonly AwsAnswer _refused = AwsErrors.Refused(
        new Refusal(RefusalKind.EntityNotFound, "Entity not found: nightly")
    );

    private readonly DefaultHttpContext _http = new() { Response = { Body = Stream.Null } };

    [Benchmark]
    public bool Validate_StartJobRun() => ShapeValidator.Validate(Body, Input) is null;

    [Benchmark]
    public object? Parse_StartJobRun() => JsonSerializer.Deserialize(Body, AwsJson.Wire.StartJobRunRequest);

    /// <summary>The largest request of the common ones.</summary>
    [Benchmark]
    public bool Validate_CreateJob() => ShapeValidator.Validate(JobBody, JobInput) is null;

    /// <summary>With every violation named.</summary>
    [Benchmark]
    public bool Find_fault_with_StartJobRun() => ShapeValidator.Validate(FaultyBody, Input) is not null;

    [Benchmark]
    public byte[] Write_StartJobRun() =>
        JsonSerializer.SerializeToUtf8Bytes(_started, AwsJson.Wire.StartJobRunResponse);

    [Benchmark]
    public byte[] Write_GetJobRun() =>
        JsonSerializer.SerializeToUtf8Bytes(
            new GetJobRunResponse { JobRun = JobRunView.Of(_run, Samples.Now) },
            AwsJson.Wire.GetJobRunResponse
        );

    /// <summary>Of 50 runs.</summary>
    [Benchmark]
    public byte[] Write_GetJobRuns() => JsonSerializer.SerializeToUtf8Bytes(_page, AwsJson.Wire.GetJobRunsResponse);

    /// <summary>With its headers, to nobody.</summary>
    [Benchmark]
    public Task Write_an_error_as_a_response() => AwsResponse.Write(_http, _refused);
}
