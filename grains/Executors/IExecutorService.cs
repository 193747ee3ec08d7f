using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;
using Orleans.Runtime.Services;
using Orleans.Services;

namespace GlueOrleans.Grains.Executors;

/// <summary>A node's <see cref="Ports.INodeExecutor"/> and <see cref="Ports.INodeLogs"/> for the other nodes: one on each
/// silo, asked by the silo's address.</summary>
[Alias("IExecutorService")]
public interface IExecutorService : IGrainService
{
    [Alias("Launch")]
    Task Launch(RunRecord run, BookmarkInput? bookmark);

    [Alias("FailLaunch")]
    Task FailLaunch(RunRecord run, string errorMessage);

    [Alias("Resume")]
    Task Resume(RunRecord run);

    [Alias("Stop")]
    Task Stop(RunRecord run);

    [Alias("Drain")]
    Task Drain(RunRecord run);

    [Alias("Forget")]
    Task<bool> Forget(string runId);

    [Alias("ReadLog")]
    Task<RunLogPart?> ReadLog(RunRecord run, RunLog log, RunLogRange range);
}

/// <summary>How a silo calls the executor of another.</summary>
public interface IExecutorServiceClient : IGrainServiceClient<IExecutorService>
{
    IExecutorService On(SiloAddress silo);
}

internal sealed class ExecutorServiceClient(IServiceProvider services)
    : GrainServiceClient<IExecutorService>(services),
        IExecutorServiceClient
{
    public IExecutorService On(SiloAddress silo) => GetGrainService(silo);
}
