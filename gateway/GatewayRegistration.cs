using GlueOrleans.Gateway.Limits;
using GlueOrleans.Gateway.Neighbours;
using GlueOrleans.Gateway.Operations;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Gateway;

/// <summary>What a host calls to serve the Glue API. It brings its own <see cref="IGrainFactory"/>: a silo's or a client's.</summary>
public static class GatewayRegistration
{
    public static IServiceCollection AddGlueGateway(
        this IServiceCollection services,
        Action<GatewayOptions>? configure = null
    )
    {
        services.AddRouting();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddKeyedSingleton(Failover.WallKey, TimeProvider.System);
        services.TryAddSingleton<IClusterLink, LocalSilo>();
        services.TryAddSingleton<ILiveRuns, NoLiveRuns>();
        services.AddHttpLimits();
        services.AddOptions<GatewayOptions>().Configure(options => configure?.Invoke(options)).ValidateOnStart();
        services.AddSingleton<Intake>();
        services.AddSingleton<HeldRefusals>();
        services.AddSingleton<RequestRates>();
        services.AddSingleton<BodyMemory>();

        services.AddSingleton<IGlueOperation, BatchGetJobs>();
        services.AddSingleton<IGlueOperation, BatchStopJobRun>();
        services.AddSingleton<IGlueOperation, CreateJob>();
        services.AddSingleton<IGlueOperation, CreateSecurityConfiguration>();
        services.AddSingleton<IGlueOperation, CreateUsageProfile>();
        services.AddSingleton<IGlueOperation, DeleteJob>();
        services.AddSingleton<IGlueOperation, DeleteSecurityConfiguration>();
        services.AddSingleton<IGlueOperation, DeleteUsageProfile>();
        services.AddSingleton<IGlueOperation, GetJob>();
        services.AddSingleton<IGlueOperation, GetJobBookmark>();
        services.AddSingleton<IGlueOperation, GetJobBookmarks>();
        services.AddSingleton<IGlueOperation, GetJobRun>();
        services.AddSingleton<IGlueOperation, GetJobRuns>();
        services.AddSingleton<IGlueOperation, GetJobs>();
        services.AddSingleton<IGlueOperation, GetSecurityConfiguration>();
        services.AddSingleton<IGlueOperation, GetSecurityConfigurations>();
        services.AddSingleton<IGlueOperation, GetTags>();
        services.AddSingleton<IGlueOperation, GetUsageProfile>();
        services.AddSingleton<IGlueOperation, ListJobs>();
        services.AddSingleton<IGlueOperation, ListUsageProfiles>();
        services.AddSingleton<IGlueOperation, ResetJobBookmark>();
        services.AddSingleton<IGlueOperation, StartJobRun>();
        services.AddSingleton<IGlueOperation, TagResource>();
        services.AddSingleton<IGlueOperation, UntagResource>();
        services.AddSingleton<IGlueOperation, UpdateJob>();
        services.AddSingleton<IGlueOperation, UpdateUsageProfile>();

        services.AddSingleton<IAwsJsonService, GlueService>();

        services.AddSingleton<LogStreams>();
        services.AddSingleton<ILogsOperation, FilterLogEvents>();
        services.AddSingleton<ILogsOperation, GetLogEvents>();
        services.AddSingleton<IAwsJsonService, CloudWatchLogs>();
        services.AddSingleton<IAwsQueryAction, GetCallerIdentity>();
        services.AddSingleton<IAwsQueryAction, GetRole>();
        services.AddSingleton<AwsQuery>();

        services.TryAddSingleton(provider => new CredentialStore(
            provider.GetService<CredentialSource>(),
            provider.GetRequiredKeyedService<TimeProvider>(Failover.WallKey),
            provider.GetRequiredService<ILogger<CredentialStore>>()
        ));
        services.AddSingleton<Authenticator>();
        services.AddSingleton<Failover>();
        services.AddSingleton<GlueEndpoint>();
        return services;
    }

    /// <summary>The settings of the HTTP edge, and the limits that the web server keeps of them: for a host that serves
    /// anything at all, be it the API or only its health.</summary>
    public static IServiceCollection AddHttpLimits(this IServiceCollection services)
    {
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<GatewayOptions>, GatewayOptionsValidator>()
        );
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<GatewayOptions>, GatewayLimitsValidator>()
        );
        services.TryAddSingleton<Backlog>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<KestrelServerOptions>, HttpLimits>());
        return services;
    }

    /// <summary>
    /// Serves the API at <c>/</c>, and answers unknown paths in the protocol. Routes that the host maps itself (health …)
    /// go before the latter.
    /// </summary>
    public static IEndpointRouteBuilder MapGlue(this IEndpointRouteBuilder endpoints)
    {
        var glue = endpoints.ServiceProvider.GetRequiredService<GlueEndpoint>();
        endpoints.Map("/", glue.Root);
        endpoints.MapFallback("{*path}", GlueEndpoint.UnknownPath);
        return endpoints;
    }
}
