using GlueOrleans.Gateway;
using GlueOrleans.Gateway.Security;
using GlueOrleans.Silo.Clustering;
using GlueOrleans.Silo.Health;
using GlueOrleans.Silo.Telemetry;
using GlueOrleans.Silo.TimeLapse;
using GlueOrleans.Storage;
using GlueOrleans.Storage.Postgres;
using GlueOrleans.Storage.Sqlite;
using Microsoft.AspNetCore.Connections;
using Npgsql;
using Orleans.Runtime.MembershipService;

namespace GlueOrleans.Silo;

/// <summary>One process of GlueOrleans, from its checks to its end. What it is made of is in <see cref="NodeKinds"/>.</summary>
internal sealed class Node : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DataFolder? _data;

    private Node(
        WebApplication app,
        NodeShape shape,
        ClusterOptions cluster,
        DataFolder? data,
        CredentialSource? credentials
    )
    {
        _app = app;
        _data = data;
        Credentials = credentials;
        Shape = shape;
        Cluster = cluster;
    }

    public NodeShape Shape { get; }

    public ClusterOptions Cluster { get; }

    /// <summary>Where its credentials came from at the start; <c>null</c>: nobody is asked for any.</summary>
    public CredentialSource? Credentials { get; }

    /// <summary>Absolute. <c>null</c>: a node that is only a gateway has none.</summary>
    public string? DataPath => _data?.Path;

    public string? RunsPath => _data is null ? null : NodeParts.RunsFolder(_data);

    /// <summary>Where the web server really listens: port 0 has become a number.</summary>
    public string Url => _app.Urls.First();

    /// <summary>How the node's clock differs from the wall's; <c>null</c> when it does not.</summary>
    public string? Clock => Services.GetService<ClockKeeper>()?.Description();

    public IServiceProvider Services => _app.Services;

    /// <param name="options">Of the command line.</param>
    /// <param name="defaultData">The command's data folder.</param>
    /// <param name="defaultUrl">Where the command listens.</param>
    /// <param name="mustBeAlone">The command is for a node that is not in a cluster.</param>
    /// <param name="customize">Called when all services are registered, by tests that put others before them.</param>
    /// <exception cref="StartupException">With what is in the way and what to do about it.</exception>
    public static async Task<Node> Start(
        NodeOptions options,
        string defaultData,
        string defaultUrl,
        bool mustBeAlone = false,
        Action<WebApplicationBuilder>? customize = null
    )
    {
        var builder = Settings.Read(options.Settings);
        var cluster = builder.BindNow("Cluster", new ValidateClusterOptions());
        var shape = NodeShape.Of(cluster);
        if (mustBeAlone && shape.Kind != NodeKind.Embedded)
            throw new StartupException("The demo is a node of its own, and in no cluster: leave Cluster:Database out.");
        var dataFolder = shape.HasDataFolder
            ? options.Data ?? builder.Configuration[NodeOptions.DataKey] ?? defaultData
            : null;
        var credentials = Access.Find(builder.Configuration, dataFolder);
        if (mustBeAlone && credentials is not null)
            throw new StartupException("The demo calls itself without credentials: leave out what Auth says of them.");
        var urls = Listening.On(
            builder,
            options.Urls,
            defaultUrl,
            asksForCredentials: credentials is not null,
            Access.Remedy(dataFolder)
        );
        if (shape.Kind == NodeKind.ClusterSilo)
            RequireFreeSiloPorts(cluster);

        var data = dataFolder is null ? null : DataFolder.Take(dataFolder);
        WebApplication? app = null;
        try
        {
            builder.Services.AddAccess(credentials);
            builder.AddNode(shape, cluster, data);
            customize?.Invoke(builder);
            app = Settings.Reading(builder.Build);
            Settings.Check(app.Services);
            Open(app.Services, shape);
            Map(app, shape);
            await app.StartAsync();
            return new Node(app, shape, cluster, data, credentials);
        }
        catch (Exception e)
        {
            if (app is not null)
                await app.DisposeAsync();
            data?.Dispose();
            throw AsStartupException(e, urls) ?? e;
        }
    }

    /// <summary>Asks the node to stop, as a signal does.</summary>
    public void Stop() => _app.Lifetime.StopApplication();

    /// <summary>Completes when the node has been asked to stop, and has.</summary>
    public Task Stopped() => _app.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _data?.Dispose();
    }

    /// <summary>What can fail for a reason that a person can do something about, before anything is started.</summary>
    private static void Open(IServiceProvider services, NodeShape shape)
    {
        switch (shape.Kind)
        {
            case NodeKind.Embedded:
                services.GetRequiredService<ClockKeeper>().Begin();
                services.OpenSqliteStorage();
                break;
            case NodeKind.ClusterSilo:
                services.OpenPostgresStorage();
                break;
            case NodeKind.GatewayOnly:
                // It serves, and says what it lacks, without its database; but what is wrong with the setting is said now.
                services.GetRequiredService<NpgsqlDataSource>();
                break;
        }
    }

    /// <summary>The gateway answers whatever nobody else does, so it comes last.</summary>
    private static void Map(WebApplication app, NodeShape shape)
    {
        app.UseOperatorsOnly();
        app.MapHealth();
        app.MapTelemetry().ForOperatorsOnly();
        app.MapNodeDashboard().ForOperatorsOnly();
        if (shape.HasGateway)
            app.MapGlue();
    }

    private static void RequireFreeSiloPorts(ClusterOptions cluster)
    {
        var address = cluster.FindAddress()!;
        foreach (
            var (key, port) in new[]
            {
                (nameof(cluster.SiloPort), cluster.SiloPort),
                (nameof(cluster.ClientPort), cluster.ClientPort),
            }
        )
        {
            Listening.RequireFree(
                address,
                port,
                $"Cluster:{key}: {address}:{port} is in use, perhaps by another node. Stop that one, or give another port."
            );
        }
    }

    private static StartupException? AsStartupException(Exception e, string urls) =>
        e switch
        {
            StartupException startup => startup,
            StorageStartupException storage => new StartupException(storage.Message, e),
            IOException { InnerException: AddressInUseException } => Listening.InUse(urls, e),
            AddressInUseException => new StartupException(
                "Cluster:SiloPort or Cluster:ClientPort is in use, perhaps by another node. Stop that one, or give another port.",
                e
            ),
            OrleansClusterConnectivityCheckFailedException => new StartupException(
                "The other silos of the cluster and this one do not reach each other; what was logged before says why for each. "
                    + "Cluster:Address, Cluster:SiloPort and Cluster:ClientPort must be reachable from all nodes, and Cluster:Tls "
                    + "be set on all of them, with one authority, or on none.",
                e
            ),
            NpgsqlException database => new StartupException(
                $"The database failed while the node started: {database.Message} Start it again when the database answers.",
                e
            ),
            // Orleans and the host wrap what their parts throw.
            { InnerException: { } inner } => AsStartupException(inner, urls),
            _ => null,
        };
}
