using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GlueOrleans.Grains.Executors;

public static class ExecutorRouting
{
    /// <summary>What every silo needs, with or without an executor of its own: <see cref="IRunExecutor"/> and
    /// <see cref="IRunLogs"/> for the runs of all nodes.</summary>
    /// <param name="services">Has <see cref="IExecutorNodes"/>, and on an executor node <see cref="INodeExecutor"/> and
    /// <see cref="INodeLogs"/>.</param>
    /// <param name="node">This node's name, which is its silo's.</param>
    public static IServiceCollection AddExecutorRouting(this IServiceCollection services, string node)
    {
        services.AddSingleton(new ThisNode(node));
        services.AddSingleton<ExecutorSilos>();
        services.TryAddSingleton<IExecutorReach>(provider => provider.GetRequiredService<ExecutorSilos>());
        services.AddSingleton<IExecutorServiceClient, ExecutorServiceClient>();
        services.AddGrainService<ExecutorService>();
        services.AddSingleton<IRunExecutor>(provider => new RoutedExecutor(
            provider.GetRequiredService<ThisNode>(),
            provider.GetRequiredService<ExecutorSilos>(),
            provider.GetRequiredService<IExecutorServiceClient>(),
            provider.GetRequiredService<IExecutorNodes>(),
            provider.GetRequiredService<IWallClock>(),
            provider.GetService<INodeExecutor>()
        ));
        services.AddSingleton<IRunLogs>(provider => new RoutedLogs(
            provider.GetRequiredService<ThisNode>(),
            provider.GetRequiredService<ExecutorSilos>(),
            provider.GetRequiredService<IExecutorServiceClient>(),
            provider.GetService<INodeLogs>()
        ));
        return services;
    }
}
