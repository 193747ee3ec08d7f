using GlueOrleans.Executors;
using GlueOrleans.Gateway;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Runs;
using GlueOrleans.Grains.Telemetry;
using GlueOrleans.Grains.Upkeep;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Silo;

/// <summary>What nodes are put together from: services, and the settings they read.</summary>
internal static class NodeParts
{
    public static string RunsFolder(DataFolder data) => Path.Combine(data.Path, "runs");

    /// <summary>The settings of grains (what Glue, the account and the operator allow and want), and what they share in a silo.</summary>
    public static void AddRules(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<IValidateOptions<RunDeadlines>, ValidateRunDeadlines>();
        services.AddSingleton<IValidateOptions<UpkeepOptions>, ValidateUpkeepOptions>();
        services.AddSingleton<IValidateOptions<AccountLimits>, ValidateAccountLimits>();
        services.AddSingleton<IValidateOptions<GlueDefaults>, ValidateGlueDefaults>();
        builder
            .Bind<RunDeadlines>("Runs")
            .Validate<IOptions<ProcessExecutorOptions>>(
                (runs, executor) => runs.ToWall(runs.StopDeadline) > executor.Value.StopGrace,
                "Executor:StopGrace is not below Runs:StopDeadline, after which a run counts as stopped: raise the latter."
            );
        services.AddSingleton<LiveRuns>();
        services.AddSingleton<ILiveRuns>(provider => provider.GetRequiredService<LiveRuns>());
        builder.Bind<GlueDefaults>("Glue");
        builder.Bind<AccountLimits>("Limits");
        builder.Bind<UpkeepOptions>("Upkeep");
    }

    /// <summary>Scripts as processes of this node.</summary>
    public static void AddExecutor(this WebApplicationBuilder builder, DataFolder data)
    {
        builder.Services.AddProcessExecutor();
        builder.Bind<S3Options>("S3");
        builder
            .Bind<ProcessExecutorOptions>("Executor")
            .Configure(o => (o.RunsFolder, o.DataFolder) = (RunsFolder(data), data.Path));
        if (!string.IsNullOrEmpty(builder.Configuration["Executor:Uids"]))
            data.LetOthersThrough();
        builder.Services.AddSingleton<IRunReports, GrainRunReports>();
    }

    /// <summary>No scripts on this node.</summary>
    public static void AddNoExecutor(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<IRunReports, GrainRunReports>();

    /// <summary>The API, on this node's web server.</summary>
    public static void AddGateway(this WebApplicationBuilder builder) => builder.Services.AddGlueGateway();

    /// <summary>What every node's web server keeps clients to, also one that serves only its health and metrics.</summary>
    public static void AddHttpLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpLimits();
        builder.Bind<GatewayOptions>("Gateway");
    }

    /// <summary>What looks for work that was lost. To be added after Orleans.</summary>
    public static void AddUpkeep(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddUpkeep();
        services.AddHostedService<RunCensusTaker>();
    }
}
