using Microsoft.AspNetCore.Connections;
using Orleans.Configuration;

namespace GlueOrleans.Silo.Clustering.Tls;

/// <summary>What stands between a connection of Orleans and what is said over it.</summary>
internal interface IConnectionGuard
{
    /// <summary>A connection that another node has opened. Returns when it is over.</summary>
    /// <exception cref="ConnectionAbortedException">Nothing is said over it.</exception>
    Task Inbound(ConnectionContext connection, ConnectionDelegate next);

    /// <summary>One that this node has opened.</summary>
    /// <exception cref="ConnectionAbortedException">Nothing is said over it.</exception>
    Task Outbound(ConnectionContext connection, ConnectionDelegate next);
}

/// <summary>Puts the guard before all connections of a node: silo to silo, and gateway to silo.</summary>
internal static class ConnectionGuards
{
    public static void GuardConnections(this ISiloBuilder silo, ClusterTlsOptions tls)
    {
        silo.Services.AddConnectionGuard(tls);
        silo.Configure<SiloConnectionOptions>(o =>
        {
            o.ConfigureSiloInboundConnection(Inbound);
            o.ConfigureGatewayInboundConnection(Inbound);
            o.ConfigureSiloOutboundConnection(Outbound);
        });
    }

    public static void GuardConnections(this IClientBuilder client, ClusterTlsOptions tls)
    {
        client.Services.AddConnectionGuard(tls);
        client.Configure<ClientConnectionOptions>(o => o.ConfigureConnection(Outbound));
    }

    /// <remarks>Certificates are as old as the wall's clock says.</remarks>
    private static void AddConnectionGuard(this IServiceCollection services, ClusterTlsOptions tls)
    {
        services.AddSingleton(provider => new ConnectionTrouble(
            TimeProvider.System,
            provider.GetRequiredService<ILogger<ConnectionTrouble>>()
        ));
        if (!tls.IsOn)
        {
            services.AddSingleton<IConnectionGuard, PlainConnections>();
            return;
        }

        services.AddSingleton(provider => new TlsIdentity(
            tls,
            TimeProvider.System,
            provider.GetRequiredService<ILogger<TlsIdentity>>()
        ));
        services.AddSingleton<IConnectionGuard, TlsConnections>();
    }

    private static void Inbound(IConnectionBuilder connections)
    {
        var guard = connections.ApplicationServices.GetRequiredService<IConnectionGuard>();
        connections.Use(next => connection => guard.Inbound(connection, next));
    }

    private static void Outbound(IConnectionBuilder connections)
    {
        var guard = connections.ApplicationServices.GetRequiredService<IConnectionGuard>();
        connections.Use(next => connection => guard.Outbound(connection, next));
    }
}
