using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Grains.Upkeep;

/// <summary>
/// Has jobs look after their queues and their owed retries, whose messages and timers may have been lost: at the start,
/// and in every sweep.
/// </summary>
/// <remarks>The run table says which jobs have any; tending is idempotent.</remarks>
public sealed partial class JobTender(
    IRunStore store,
    IGrainFactory grains,
    IOptions<UpkeepOptions> options,
    TimeProvider clock,
    IWallClock wall,
    ILogger<JobTender> log
) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepPeriod, wall.Time);
        do
        {
            try
            {
                await TendAll(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogSweepFailed(e, options.Value.SweepPeriod);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task TendAll(CancellationToken stopping)
    {
        JobKey? after = null;
        do
        {
            var jobs = await store.ListJobsToTend(after, clock.GetUtcMilliseconds(), options.Value.BatchSize);
            await Task.WhenAll(jobs.Select(Tend));
            after = jobs.Count == options.Value.BatchSize ? jobs[^1] : null;
        } while (after is not null && !stopping.IsCancellationRequested);
    }

    /// <summary>One job that cannot be tended does not keep the others waiting.</summary>
    private async Task Tend(JobKey job)
    {
        try
        {
            await grains.GetGrain<IJobGrain>(job.GrainKey).Tend();
        }
        catch (Exception e)
        {
            LogNotTended(e, job);
        }
    }

    [LoggerMessage(40, LogLevel.Warning, "The queue of {Job} could not be looked after; the next sweep tries again.")]
    private partial void LogNotTended(Exception exception, JobKey job);

    [LoggerMessage(41, LogLevel.Error, "The sweep over jobs with queues failed; the next one is in {Period}.")]
    private partial void LogSweepFailed(Exception exception, TimeSpan period);
}
