using GlueOrleans.Grains;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Executors;

public static class ProcessExecutorRegistration
{
    /// <summary>Makes <see cref="ProcessExecutor"/> this node's <see cref="IRunExecutor"/>, and its runs' logs its <see cref="IRunLogs"/>.</summary>
    /// <remarks>
    /// The host provides <see cref="IRunReports"/> and logging, and binds <see cref="ProcessExecutorOptions"/> and
    /// <see cref="S3Options"/> to the sections Executor and S3; they are checked at start-up.
    /// </remarks>
    public static IServiceCollection AddProcessExecutor(
        this IServiceCollection services,
        Action<ProcessExecutorOptions>? configure = null
    )
    {
        services.TryAddClocks();
        services.AddSingleton<IValidateOptions<ProcessExecutorOptions>, ValidateProcessExecutorOptions>();
        services.AddOptions<ProcessExecutorOptions>().ValidateOnStart();
        services.AddSingleton<IValidateOptions<S3Options>, ValidateS3Options>();
        services.AddOptions<S3Options>().ValidateOnStart();
        if (configure is not null)
            services.Configure(configure);
        services.AddSingleton<ProcessExecutor>();
        services.AddSingleton<IRunExecutor>(provider => provider.GetRequiredService<ProcessExecutor>());
        services.AddSingleton<IRunLogs, RunLogReader>();
        return services;
    }

    /// <summary>The node is on its own: it places all runs on itself.</summary>
    public static IServiceCollection AddSoleExecutorNode(this IServiceCollection services)
    {
        services.AddSingleton<SoleExecutorNode>();
        services.AddSingleton<IExecutorNodes>(provider => provider.GetRequiredService<SoleExecutorNode>());
        services.AddSingleton<IUpkeepLease>(provider => provider.GetRequiredService<SoleExecutorNode>());
        services.AddSingleton<IExecutorReach>(provider => provider.GetRequiredService<SoleExecutorNode>());
        return services;
    }
}
