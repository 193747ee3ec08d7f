using GlueOrleans.Gateway;
using GlueOrleans.Silo.Clustering.Tls;
using GlueOrleans.Silo.Telemetry;
using GlueOrleans.Storage.Postgres;
using Npgsql;
using Orleans.Configuration;

namespace GlueOrleans.Silo.Clustering;

/// <summary>Makes a node a client of the silos that the database names.</summary>
internal static class ClusterClientNode
{
    public static void AddClusterClient(this WebApplicationBuilder builder, ClusterOptions cluster)
    {
        var services = builder.Services;
        services.AddSingleton(_ => cluster.DatabaseOptions().CreateDataSource());
        services.AddSingleton(provider => new ClusterConnection(
            provider,
            cluster.DatabaseOptions(),
            provider.GetRequiredService<ILogger<ClusterConnection>>()
        ));
        services.AddSingleton<IClusterLink>(provider => provider.GetRequiredService<ClusterConnection>());

        var othersServices = services.Count;
        builder.UseOrleansClient(client =>
        {
            client.Configure<Orleans.Configuration.ClusterOptions>(o =>
            {
                o.ServiceId = MemberSilo.ServiceId;
                o.ClusterId = cluster.Id;
            });
            client.GuardConnections(cluster.Tls);
            client.UseAdoNetClustering(o =>
                o.Configure<NpgsqlDataSource>(
                    (clustering, database) =>
                    {
                        clustering.Invariant = PostgresStorageOptions.OrleansInvariant;
                        clustering.DataSource = database;
                    }
                )
            );
            client.Configure<Orleans.Configuration.GatewayOptions>(o =>
                o.GatewayListRefreshPeriod = Membership.GatewayListRefresh
            );
            client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = Membership.ClientPatience);
            client.TraceCalls();
            client.AddNodeDashboard();
        });
        ClusterConnection.Host(services, othersServices);
    }
}
