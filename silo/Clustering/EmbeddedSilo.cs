using System.Net;
using System.Net.Sockets;
using GlueOrleans.Grains.State;
using GlueOrleans.Silo.TimeLapse;
using GlueOrleans.Storage.Sqlite;

namespace GlueOrleans.Silo.Clustering;

/// <summary>The silo of a node that is alone: nobody joins it, so it is in no membership table, and has no client port.</summary>
internal static class EmbeddedSilo
{
    public static void AddEmbeddedSilo(this WebApplicationBuilder builder, SqliteStorageOptions storage) =>
        builder.Host.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(
                FreePort(),
                gatewayPort: 0,
                serviceId: MemberSilo.ServiceId,
                clusterId: MemberSilo.ServiceId
            );
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
            silo.AddActivityPropagation();
            silo.AddNodeDashboard();
        });

    /// <summary>A port for the silo, which it opens although nobody connects to it.</summary>
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
