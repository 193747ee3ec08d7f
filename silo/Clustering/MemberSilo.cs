using GlueOrleans.Grains.State;
using GlueOrleans.Silo.Clustering.Tls;
using GlueOrleans.Silo.Telemetry;
using GlueOrleans.Silo.TimeLapse;
using GlueOrleans.Storage.Postgres;
using Npgsql;
using Orleans.Configuration;

namespace GlueOrleans.Silo.Clustering;

/// <summary>A silo that shares its grains with others: membership, reminders and the state of grains are in PostgreSQL, by
/// Orleans' own providers.</summary>
internal static class MemberSilo
{
    /// <summary>Part of every key in grain storage: a changed one finds nothing of what was stored.</summary>
    public const string ServiceId = "glue-orleans";

    /// <remarks>The host provides the <see cref="NpgsqlDataSource"/>, with the schema in place before it starts.</remarks>
    public static void AddMemberSilo(this WebApplicationBuilder builder, ClusterOptions cluster, NodeShape node) =>
        builder.Host.UseOrleans(silo =>
        {
            silo.Configure<Orleans.Configuration.ClusterOptions>(o =>
            {
                o.ServiceId = ServiceId;
                o.ClusterId = cluster.Id;
            });
            silo.Configure<SiloOptions>(o => o.SiloName = node.Name);
            silo.ConfigureEndpoints(cluster.FindAddress()!, cluster.SiloPort, cluster.ClientPort);
            silo.GuardConnections(cluster.Tls);
            silo.UseAdoNetClustering(o =>
                o.Configure<NpgsqlDataSource>(
                    (clustering, database) =>
                    {
                        clustering.Invariant = PostgresStorageOptions.OrleansInvariant;
                        clustering.DataSource = database;
                    }
                )
            );
            silo.UseAdoNetReminderService(o =>
                o.Configure<NpgsqlDataSource>(
                    (reminders, database) =>
                    {
                        reminders.Invariant = PostgresStorageOptions.OrleansInvariant;
                        reminders.DataSource = database;
                    }
                )
            );
            silo.BoundDirectoryCache();
            silo.AddAdoNetGrainStorage(
                GrainStateJson.StorageName,
                o =>
                    o.Configure<NpgsqlDataSource>(
                        (storage, database) =>
                        {
                            storage.Invariant = PostgresStorageOptions.OrleansInvariant;
                            storage.DataSource = database;
                            storage.GrainStorageSerializer = new GrainStateSerializer();
                            storage.DeleteStateOnClear = true;
                        }
                    )
            );
            silo.Configure<ClusterMembershipOptions>(Membership.Tune);
            silo.UseWallClockForOrleans();
            silo.TraceCalls();
            silo.AddNodeDashboard();
        });
}
