using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using GlueOrleans.Grains.State;
using GlueOrleans.Silo.Telemetry;
using GlueOrleans.Silo.TimeLapse;
using GlueOrleans.Storage.Sqlite;
using Orleans.Configuration;

namespace GlueOrleans.Silo.Clustering;

/// <summary>The silo of a node that is alone: nobody joins it, so it is in no membership table, and has no client port.</summary>
internal static class EmbeddedSilo
{
    public static void AddEmbeddedSilo(this WebApplicationBuilder builder, SqliteStorageOptions storage) =>
        builder.Host.UseOrleans(silo =>
        {
            var endpoint = FreeEndpoint();
            silo.UseLocalhostClustering(
                endpoint.Port,
                gatewayPort: 0,
                primarySiloEndpoint: endpoint,
                serviceId: MemberSilo.ServiceId,
                clusterId: MemberSilo.ServiceId
            );
            silo.Configure<EndpointOptions>(o => o.AdvertisedIPAddress = endpoint.Address);
            // Nobody is to join it. Whoever tries is no node of ours: a script, say, which could then call any grain.
            silo.Configure<SiloConnectionOptions>(o =>
                o.ConfigureSiloInboundConnection(connections =>
                    connections.Use(_ =>
                        connection =>
                        {
                            connection.Abort();
                            return Task.CompletedTask;
                        }
                    )
                )
            );
            silo.BoundDirectoryCache();
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
            silo.TraceCalls();
            silo.AddNodeDashboard();
        });

    /// <summary>Where the silo listens, although nobody connects to it.</summary>
    /// <remarks>A port that is free now may be another program's in the moment in which the silo opens it: so it is one of an
    /// address that nobody else uses, on systems where all of 127.0.0.0/8 is loopback.</remarks>
    private static IPEndPoint FreeEndpoint()
    {
        var random = RandomNumberGenerator.GetBytes(3);
        try
        {
            return FreeEndpointAt(new IPAddress([127, .. random]));
        }
        catch (SocketException)
        {
            return FreeEndpointAt(IPAddress.Loopback);
        }
    }

    private static IPEndPoint FreeEndpointAt(IPAddress address)
    {
        using var listener = new TcpListener(address, port: 0);
        listener.Start();
        return (IPEndPoint)listener.LocalEndpoint;
    }
}
