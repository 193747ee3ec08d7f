using System.Text.Json;
using GlueOrleans.Executors;
using GlueOrleans.Silo.Clustering;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Silo.Health;

/// <summary>
/// Where a node says how it is: <c>/health/live</c> answers 200 as long as the process does; <c>/health/ready</c> answers
/// 200 if requests may be sent to it, else 503, with a reason for each thing that is in the way.
/// </summary>
/// <remarks>Probes have no credentials, so anybody reads this: reasons say what does not work, not where it is or who is let in
/// there. The log has the rest.</remarks>
internal static class HealthEndpoints
{
    public const string Live = "/health/live";
    public const string Ready = "/health/ready";

    /// <summary>A check that takes longer has failed. Below the timeout that probes commonly have.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Registers what a node of this shape needs to be ready, and its way to stop.</summary>
    public static void AddHealth(this WebApplicationBuilder builder, NodeShape node, ClusterOptions cluster)
    {
        var services = builder.Services;
        services.AddSingleton<Draining>();
        services.AddHostedService(provider => provider.GetRequiredService<Draining>());
        services
            .AddOptions<HostOptions>()
            .Configure<IOptions<ProcessExecutorOptions>>(
                (host, executor) =>
                    host.ShutdownTimeout =
                        Draining.TimeToStop
                        + cluster.DrainDelay
                        + (
                            node is { Kind: NodeKind.ClusterSilo, HasExecutor: true }
                                ? executor.Value.DrainTimeout
                                : TimeSpan.Zero
                        )
            );

        services.AddReadinessCheck<DrainCheck>("draining");
        if (node.Kind == NodeKind.GatewayOnly)
        {
            services.AddReadinessCheck<ConnectionCheck>("silos");
        }
        else
        {
            services.AddReadinessCheck<SiloCheck>("silo");
            services.AddReadinessCheck<DatabaseCheck>("database");
            if (node.HasExecutor)
                services.AddReadinessCheck<LeaseCheck>("executor");
        }
    }

    /// <summary>One more thing without which a node is not ready. Unhealthy, or too slow, makes <c>/health/ready</c> a 503; its
    /// description is the reason that is shown.</summary>
    public static IServiceCollection AddReadinessCheck<T>(this IServiceCollection services, string name)
        where T : class, IHealthCheck
    {
        services.TryAddSingleton<T>();
        services.AddHealthChecks().AddCheck<T>(name, timeout: Patience);
        return services;
    }

    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks(Live, new HealthCheckOptions { Predicate = _ => false, ResponseWriter = Write });
        app.MapHealthChecks(Ready, new HealthCheckOptions { ResponseWriter = Write });
    }

    /// <summary><c>{"status":"ready","checks":{"silo":"ok", …}}</c>, or <c>"not ready"</c>, with reasons in place of "ok".</summary>
    private static async Task Write(HttpContext http, HealthReport report)
    {
        http.Response.ContentType = "application/json";
        await using var json = new Utf8JsonWriter(http.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", report.Status == HealthStatus.Healthy ? "ready" : "not ready");
        json.WriteStartObject("checks");
        foreach (var (name, check) in report.Entries)
        {
            json.WriteString(
                name,
                check.Status == HealthStatus.Healthy ? "ok" : check.Description ?? "failed; the node's log says why"
            );
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
