using System.Net;
using System.Net.Sockets;
using GlueOrleans.Executors;
using GlueOrleans.Gateway;
using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Runs;
using GlueOrleans.Grains.State;
using GlueOrleans.Grains.Upkeep;
using GlueOrleans.Silo.Events;
using GlueOrleans.Silo.TimeLapse;
using GlueOrleans.Storage;
using GlueOrleans.Storage.Sqlite;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;
using Orleans.Dashboard;

namespace GlueOrleans.Silo;

/// <summary>The embedded node: silo, gateway and executor in one process, over one data folder, on loopback.</summary>
internal sealed class Node : IAsyncDisposable
{
    /// <summary>Part of every key in grain storage: a changed one finds nothing of what was stored.</summary>
    private const string ServiceId = "glue-orleans";

    private readonly WebApplication _app;
    private readonly DataFolder _data;

    private Node(WebApplication app, DataFolder data)
    {
        _app = app;
        _data = data;
    }

    /// <summary>Absolute.</summary>
    public string DataPath => _data.Path;

    public string RunsPath => RunsFolder(_data);

    /// <summary>Where the gateway really listens: port 0 has become a number.</summary>
    public string Url => _app.Urls.First();

    /// <summary>How the node's clock differs from the wall's; <c>null</c> when it does not.</summary>
    public string? Clock => Services.GetRequiredService<ClockKeeper>().Description();

    public IServiceProvider Services => _app.Services;

    /// <exception cref="StartupException">With what is in the way and what to do about it.</exception>
    public static async Task<Node> Start(NodeOptions options, string defaultData, string defaultUrl)
    {
        var builder = Settings.Read(options.Settings);
        var urls = options.Urls ?? builder.Configuration[WebHostDefaults.ServerUrlsKey] ?? defaultUrl;
        NodeOptions.RequireLoopback(urls);
        // Kestrel's own section would listen where it says, whatever was checked above.
        if (builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
            throw new StartupException("Kestrel:Endpoints is not used here: say where to listen with --urls or Urls.");
        builder.WebHost.UseUrls(urls);

        RequireFree(urls);
        var data = DataFolder.Take(options.Data ?? builder.Configuration[NodeOptions.DataKey] ?? defaultData);
        WebApplication? app = null;
        try
        {
            AddServices(builder, data);
            app = Settings.Reading(builder.Build);
            Settings.Check(app.Services);
            app.Services.GetRequiredService<ClockKeeper>().Begin();
            app.Services.OpenSqliteStorage();
            app.MapGlue();
            app.MapOrleansDashboard("/dashboard");
            await app.StartAsync();
            return new Node(app, data);
        }
        catch (Exception e)
        {
            if (app is not null)
                await app.DisposeAsync();
            data.Dispose();
            throw AsStartupException(e, urls) ?? e;
        }
    }

    public Task Stopped() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _data.Dispose();
    }

    private static void AddServices(WebApplicationBuilder builder, DataFolder data)
    {
        var services = builder.Services;
        builder.AddClock(data);
        builder.AddRunEvents(data);
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
        builder.Bind<GlueDefaults>("Glue");
        builder.Bind<AccountLimits>("Limits");
        builder.Bind<UpkeepOptions>("Upkeep");

        var storage = new SqliteStorageOptions { DataFolder = data.Path };
        services.AddSqliteStorage(storage);
        services.AddProcessExecutor();
        services.AddSoleExecutorNode();
        builder.Bind<S3Options>("S3");
        builder.Bind<ProcessExecutorOptions>("Executor").Configure(o => o.RunsFolder = RunsFolder(data));
        services.AddSingleton<IRunReports, GrainRunReports>();
        services.AddGlueGateway();
        builder.Bind<GatewayOptions>("Gateway");

        builder.Host.UseOrleans(silo =>
        {
            // One silo that nobody joins: no membership rows that a crash could leave behind, no client port.
            silo.UseLocalhostClustering(FreePort(), gatewayPort: 0, serviceId: ServiceId, clusterId: ServiceId);
            silo.AddAdoNetGrainStorage(
                GrainStateJson.StorageName,
                o =>
                {
                    o.Invariant = SqliteStorageOptions.OrleansInvariant;
                    o.ConnectionString = storage.GrainStateConnectionString;
                    o.GrainStorageSerializer = new GrainStateSerializer();
                    o.DeleteStateOnClear = true;
                }
            );
            silo.UseWallClockForOrleans();
            silo.AddDashboard(o => o.HideTrace = true);
        });

        // After Orleans, so that it starts when the silo answers and stops before it does.
        services.AddUpkeep();
    }

    private static string RunsFolder(DataFolder data) => Path.Combine(data.Path, "runs");

    /// <summary>A port for the silo, which it opens although nobody connects to it.</summary>
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static StartupException? AsStartupException(Exception e, string urls) =>
        e switch
        {
            StartupException startup => startup,
            StorageStartupException storage => new StartupException(storage.Message, e),
            IOException { InnerException: AddressInUseException } => InUse(urls, e),
            _ => null,
        };

    /// <summary>
    /// Finds a port that is taken before the silo starts, which else would have to be stopped again, noisily. Who takes it
    /// between this and the start is found there.
    /// </summary>
    private static void RequireFree(string urls)
    {
        foreach (var url in NodeOptions.Split(urls).Select(url => new Uri(url)).Where(url => url.Port != 0))
        {
            var address = IPAddress.TryParse(url.Host.Trim('[', ']'), out var ip) ? ip : IPAddress.Loopback;
            using var listener = new TcpListener(address, url.Port);
            try
            {
                listener.Start();
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                throw InUse(url.GetLeftPart(UriPartial.Authority), e);
            }
            catch (SocketException)
            {
                // Whatever else is wrong with it (an address family that is off) is the server's to say.
            }
        }
    }

    private static StartupException InUse(string urls, Exception e) =>
        new(
            $"{urls} is in use, perhaps by another node. Stop that one, or listen elsewhere: --urls http://127.0.0.1:4581.",
            e
        );
}
