using GlueOrleans.Silo.Clustering;
using Npgsql;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace GlueOrleans.Silo.Telemetry;

/// <summary>OpenTelemetry: what is measured and traced, and where it goes. Every metric is in docs/telemetry.md.</summary>
internal static class TelemetryRegistration
{
    /// <summary>Where Prometheus finds them.</summary>
    public const string MetricsPath = "/metrics";

    /// <summary>Our own, of all projects.</summary>
    public const string Meter = "GlueOrleans";

    /// <summary>Of those that traces are made of: one for calls of grains, one for what Orleans does by itself.</summary>
    private static readonly string[] OrleansSources = ["Microsoft.Orleans.Application", "Microsoft.Orleans.Runtime"];

    /// <summary>Calls of grains belong to the trace of the request that they are made for. Where nothing is traced they go without
    /// the filters that see to it.</summary>
    public static void TraceCalls(this ISiloBuilder silo)
    {
        if (IsTraced(silo.Configuration))
            silo.AddActivityPropagation();
    }

    /// <inheritdoc cref="TraceCalls(ISiloBuilder)"/>
    public static void TraceCalls(this IClientBuilder client)
    {
        if (IsTraced(client.Configuration))
            client.AddActivityPropagation();
    }

    public static void AddTelemetry(this WebApplicationBuilder builder, NodeShape node)
    {
        var options = builder.BindNow("Telemetry", new ValidateTelemetryOptions());
        var telemetry = builder
            .Services.AddOpenTelemetry()
            .ConfigureResource(resource =>
                resource.AddService("glue-orleans", serviceInstanceId: node.Name, autoGenerateServiceInstanceId: false)
            )
            .WithMetrics(metrics =>
            {
                metrics
                    .AddMeter(Meter, "Microsoft.Orleans", "Npgsql", "System.Runtime", "Microsoft.AspNetCore.Hosting")
                    .AddPrometheusExporter();
                if (options.OtlpEndpoint is not null)
                    metrics.AddOtlpExporter(To(options.OtlpEndpoint));
            });
        if (options.OtlpEndpoint is not { } endpoint)
            return;
        telemetry.WithTracing(traces =>
            traces
                .AddAspNetCoreInstrumentation(web => web.Filter = http => http.Request.Path == "/")
                .AddSource(OrleansSources)
                .AddNpgsql()
                .AddOtlpExporter(To(endpoint))
        );
    }

    public static IEndpointConventionBuilder MapTelemetry(this WebApplication app) =>
        app.MapPrometheusScrapingEndpoint(MetricsPath);

    private static bool IsTraced(IConfiguration configuration) =>
        configuration[$"Telemetry:{nameof(TelemetryOptions.OtlpEndpoint)}"] is { Length: > 0 };

    private static Action<OtlpExporterOptions> To(string endpoint) => exporter => exporter.Endpoint = new Uri(endpoint);
}
