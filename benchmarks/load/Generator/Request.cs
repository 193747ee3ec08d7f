namespace GlueOrleans.Benchmarks.Load.Generator;

/// <summary>What a request asks for.</summary>
internal enum Operation
{
    StartJobRun,
    GetJobRun,
    GetJobRuns,
}

/// <summary>A request as it goes over the wire, headers and body. Made once and sent many times.</summary>
internal sealed record Request(Operation Operation, byte[] Bytes);
