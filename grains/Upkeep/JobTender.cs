using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Grains.Upkeep;

/// <summary>
/// Has jobs look after their queues and their owed retries, whose messages and timers may have been lost: at the
/// beginning of a term, and in every sweep.
/// </summary>
/// <remarks>The run table says which jobs have any; tending is idempotent.</remarks>
public sealed partial class JobTender(
    IRunStore store,
    IGrainFactory grains,
    IOptions<UpkeepOptions> options,
    TimeProvider clock,
    ILogger<JobTender> log
) : IUpkeepDuty
{
    public TimeSpan Period => options.Value.SweepPeriod;

    public Task Round(CancellationToken ending)
    {
        var size = options.Value.BatchSize;
        var now = clock.GetUtcMilliseconds();
        var jobs = Pages.Of((JobKey? after) => store.ListJobsToTend(after, now, size), job => job, size);
        return Pages.ForEach(jobs, Tend, size, ending);
    }

    /// <summary>One job that cannot be tended does not keep the others waiting.</summary>
    private async Task Tend(JobKey job)
    {
        try
        {
            await grains.Grain<IJobGrain>(job.GrainKey).Tend();
        }
        catch (Exception e)
        {
            LogNotTended(e, job);
        }
    }

    [LoggerMessage(40, LogLevel.Warning, "The queue of {Job} could not be looked after; the next sweep tries again.")]
    private partial void LogNotTended(Exception exception, JobKey job);
}
