using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Grains.Upkeep;

/// <summary>Has job grains put right the names that a crash left unsettled in the index.</summary>
public sealed partial class JobIndexMender(
    IJobIndex index,
    IGrainFactory grains,
    IOptions<UpkeepOptions> options,
    IWallClock wall,
    ILogger<JobIndexMender> log
) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepPeriod, wall.Time);
        do
        {
            try
            {
                foreach (var job in await index.ListUnsettled(options.Value.BatchSize))
                    await Settle(job);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogMendFailed(e, options.Value.SweepPeriod);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>One job that cannot be settled does not keep the others waiting.</summary>
    private async Task Settle(JobKey job)
    {
        try
        {
            await grains.GetGrain<IJobGrain>(job.GrainKey).SettleIndex();
        }
        catch (Exception e)
        {
            LogNotSettled(e, job);
        }
    }

    [LoggerMessage(31, LogLevel.Warning, "The name of {Job} could not be settled; the next sweep tries again.")]
    private partial void LogNotSettled(Exception exception, JobKey job);

    [LoggerMessage(30, LogLevel.Error, "Settling the name index failed; the next try is in {Period}.")]
    private partial void LogMendFailed(Exception exception, TimeSpan period);
}
