using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Grains.Upkeep;

/// <summary>Has job grains put right the names that a crash left unsettled in the index.</summary>
public sealed partial class JobIndexMender(
    IJobIndex index,
    IGrainFactory grains,
    IOptions<UpkeepOptions> options,
    ILogger<JobIndexMender> log
) : IUpkeepDuty
{
    public TimeSpan Period => options.Value.SweepPeriod;

    public async Task Round(CancellationToken ending)
    {
        foreach (var job in await index.ListUnsettled(options.Value.BatchSize))
        {
            ending.ThrowIfCancellationRequested();
            await Settle(job);
        }
    }

    /// <summary>One job that cannot be settled does not keep the others waiting.</summary>
    private async Task Settle(JobKey job)
    {
        try
        {
            await grains.Grain<IJobGrain>(job.GrainKey).SettleIndex();
        }
        catch (Exception e)
        {
            LogNotSettled(e, job);
        }
    }

    [LoggerMessage(31, LogLevel.Warning, "The name of {Job} could not be settled; the next sweep tries again.")]
    private partial void LogNotSettled(Exception exception, JobKey job);
}
