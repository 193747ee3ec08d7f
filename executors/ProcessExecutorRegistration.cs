using GlueOrleans.Executors.Lease;
using GlueOrleans.Grains;
using GlueOrleans.Grains.Executors;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Executors;

public static class ProcessExecutorRegistration
{
    /// <summary>Makes <see cref="ProcessExecutor"/> this node's <see cref="INodeExecutor"/>, and its runs' logs its
    /// <see cref="INodeLogs"/>. <see cref="AddSoleExecutorNode"/> or <see cref="AddExecutorNode"/> completes it.</summary>
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
        services.AddSingleton<INodeExecutor>(provider => provider.GetRequiredService<ProcessExecutor>());
        services.AddSingleton<INodeLogs, RunLogReader>();
        return services;
    }

    /// <summary>The node is on its own: it places all runs on itself.</summary>
    public static IServiceCollection AddSoleExecutorNode(this IServiceCollection services)
    {
        services.AddSingleton<SoleExecutorNode>();
        services.AddSingleton<IExecutorNodes>(provider => provider.GetRequiredService<SoleExecutorNode>());
        services.AddSingleton<IUpkeepLease>(provider => provider.GetRequiredService<SoleExecutorNode>());
        services.AddSingleton<IExecutorReach>(provider => provider.GetRequiredService<SoleExecutorNode>());
        services.AddSingleton(NodeTenure.Endless(SoleExecutorNode.Tenure));
        return services.AddExecutorRouting(SoleExecutorNode.Name);
    }

    /// <summary>The node is one of a cluster, and runs scripts as long as it has its lease (<see cref="IExecutorNodes"/>, which
    /// the host provides). <see cref="AddExecutorDuties"/> belongs to it.</summary>
    /// <param name="services">With <see cref="AddProcessExecutor"/>.</param>
    /// <param name="node">The node's name, which is its silo's.</param>
    /// <param name="dataFolder">Held by this process; the runs' folder is in it.</param>
    public static IServiceCollection AddExecutorNode(this IServiceCollection services, string node, string dataFolder)
    {
        services.AddSingleton(_ => ExecutorNodeId.Of(node, dataFolder));
        services.AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<ProcessExecutorOptions>>().Value;
            return new Guard(options.RunsFolder, options.Python);
        });
        services.AddSingleton(provider =>
        {
            var guard = provider.GetRequiredService<Guard>();
            return NodeTenure.None(guard.WasAlive);
        });
        return services.AddExecutorRouting(node);
    }

    /// <summary>Takes the lease when the silo answers, and prolongs it before it stops: to be added after Orleans.</summary>
    public static IServiceCollection AddExecutorDuties(this IServiceCollection services)
    {
        // What is added first stops last: a node that drains goes on looking for what it may have missed.
        services.AddHostedService<ExecutorPull>();
        services.AddHostedService<LeaseKeeper>();
        return services;
    }
}
