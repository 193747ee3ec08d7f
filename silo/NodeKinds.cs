using GlueOrleans.Executors;
using GlueOrleans.Grains.Executors;
using GlueOrleans.Silo.Clustering;
using GlueOrleans.Silo.Events;
using GlueOrleans.Silo.Health;
using GlueOrleans.Silo.Telemetry;
using GlueOrleans.Silo.TimeLapse;
using GlueOrleans.Storage.Sqlite;

namespace GlueOrleans.Silo;

/// <summary>The three kinds of node, each with what it is made of. The parts are in <see cref="NodeParts"/>.</summary>
/// <remarks>
/// What is added first starts first and stops last. So events and the clock come before Orleans, whose grains have last
/// words; upkeep comes after it, and starts when the silo answers. The web server starts last and stops first.
/// </remarks>
internal static class NodeKinds
{
    /// <param name="builder">Gets the services.</param>
    /// <param name="node">Which kind.</param>
    /// <param name="cluster">Found valid.</param>
    /// <param name="data">Taken, for kinds that have one.</param>
    public static void AddNode(
        this WebApplicationBuilder builder,
        NodeShape node,
        ClusterOptions cluster,
        DataFolder? data
    )
    {
        builder.Services.AddSingleton(node);
        builder.AddTelemetry(node);
        builder.AddHealth(node, cluster);
        builder.AddHttpLimits();
        switch (node.Kind)
        {
            case NodeKind.Embedded:
                builder.AddEmbeddedNode(data!);
                break;
            case NodeKind.ClusterSilo:
                builder.AddSiloNode(node, cluster, data!);
                break;
            case NodeKind.GatewayOnly:
                builder.AddGatewayNode(cluster);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(node), node.Kind, "Not a kind of node.");
        }
    }

    /// <summary>Alone: silo, executor and gateway over one data folder.</summary>
    private static void AddEmbeddedNode(this WebApplicationBuilder builder, DataFolder data)
    {
        var storage = new SqliteStorageOptions { DataFolder = data.Path };
        builder.AddClock(data);
        builder.AddRunEvents(data);
        builder.AddRules();
        builder.Services.AddSqliteStorage(storage);
        builder.AddExecutor(data);
        builder.Services.AddSoleExecutorNode();
        builder.AddGateway();
        builder.AddEmbeddedSilo(storage);
        builder.AddUpkeep();
    }

    /// <summary>A silo among others, over PostgreSQL; its data folder holds what its executor's scripts leave, and events.</summary>
    private static void AddSiloNode(
        this WebApplicationBuilder builder,
        NodeShape node,
        ClusterOptions cluster,
        DataFolder data
    )
    {
        builder.AddRealTime();
        builder.AddRunEvents(data);
        builder.AddRules();
        builder.AddPostgres(cluster);
        if (node.HasExecutor)
        {
            builder.AddExecutor(data);
            builder.Services.AddExecutorNode(node.Name, data.Path);
        }
        else
        {
            builder.AddNoExecutor();
            builder.Services.AddExecutorRouting(node.Name);
        }

        if (node.HasGateway)
            builder.AddGateway();
        builder.AddMemberSilo(cluster, node);
        if (node.HasExecutor)
            builder.Services.AddExecutorDuties();
        builder.AddUpkeep();
    }

    /// <summary>The API alone, for silos elsewhere.</summary>
    private static void AddGatewayNode(this WebApplicationBuilder builder, ClusterOptions cluster)
    {
        builder.AddRealTime();
        builder.AddGateway();
        builder.AddClusterClient(cluster);
    }
}
