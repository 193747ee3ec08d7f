using GlueOrleans.Executors.Lease;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Silo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;

namespace GlueOrleans.Benchmarks.Node;

/// <summary>The node as `silo` starts it, with <see cref="SimulatedExecutor"/> in the place of the one that runs scripts.</summary>
internal static class SimulatedNode
{
    private const string OutcomeKey = "Simulated:Outcome";
    private const string RememberedKey = "Simulated:RememberedGrains";

    /// <summary>Serves until it is told to stop. Prints one line when it answers, with its URL at the end.</summary>
    /// <returns>0; 2: it could not start.</returns>
    public static async Task<int> Serve(
        string data,
        string urls,
        IReadOnlyList<string> settings,
        CancellationToken cancellation
    )
    {
        try
        {
            await using var node = await Silo.Node.Start(
                new NodeOptions(data, urls, settings),
                NodeOptions.DefaultData,
                NodeOptions.DefaultUrl,
                customize: Simulate
            );
            Console.WriteLine($"GlueOrleans serves benchmarks on {node.Url}");
            await using var stop = cancellation.Register(node.Stop);
            await node.Stopped();
            return 0;
        }
        catch (StartupException e)
        {
            await Console.Error.WriteLineAsync($"benchmarks/node: {e.Message}");
            return 2;
        }
    }

    /// <summary>The last registration of a service is the one that counts. What keeps the node's lease stays as it is.</summary>
    private static void Simulate(WebApplicationBuilder builder)
    {
        var given = builder.Configuration[OutcomeKey];
        var outcome = given switch
        {
            "running" => SimulatedOutcome.Running,
            "succeed" => SimulatedOutcome.Succeed,
            _ => throw new StartupException($"{OutcomeKey} is '{given}': give running or succeed."),
        };
        if (builder.Configuration.GetValue<int?>(RememberedKey) is { } remembered)
            builder.Services.PostConfigure<GrainDirectoryOptions>(o => o.CacheSize = remembered);
        builder.Services.AddSingleton<IStartupFilter, MemoryProbe>();
        builder.Services.AddSingleton<INodeExecutor>(services => new SimulatedExecutor(
            outcome,
            services.GetRequiredService<IRunReports>(),
            services.GetRequiredService<NodeTenure>(),
            services.GetRequiredService<TimeProvider>()
        ));
    }
}
