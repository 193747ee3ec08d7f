using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Grains.Runs;

/// <summary>Takes an executor's reports to the grain of the run, wherever in the cluster that is.</summary>
public sealed class GrainRunReports(IGrainFactory grains) : IRunReports
{
    public Task Deliver(string runId, RunReport report, CancellationToken cancellation) =>
        grains.Grain<IJobRunGrain>(runId).Report(report).WaitAsync(cancellation);
}
