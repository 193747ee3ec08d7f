using Microsoft.Extensions.DependencyInjection;

namespace GlueOrleans.Grains.Upkeep;

public static class UpkeepServices
{
    /// <summary>Has this silo take its part in the upkeep.</summary>
    /// <remarks>To be called after Orleans is added, so that it begins when the silo answers and ends before it does not. The
    /// host provides the ports, and binds <see cref="UpkeepOptions"/>.</remarks>
    public static IServiceCollection AddUpkeep(this IServiceCollection services)
    {
        services.AddTransient<IUpkeepDuty, UnfinishedRunWaker>();
        services.AddTransient<IUpkeepDuty, JobTender>();
        services.AddTransient<IUpkeepDuty, JobIndexMender>();
        services.AddTransient<IUpkeepDuty, ExecutorReaper>();
        services.AddTransient<IUpkeepDuty, HistoryPruner>();
        services.AddHostedService<UpkeepLeader>();
        return services;
    }
}
