using GlueOrleans.Storage.Postgres;

namespace GlueOrleans.Silo.Clustering;

/// <summary>PostgreSQL as what a silo of a cluster keeps its rows in, and Orleans its own.</summary>
internal static class ClusterStorage
{
    public static void AddPostgres(this WebApplicationBuilder builder, ClusterOptions cluster)
    {
        var services = builder.Services;
        services.AddPostgresStorage(cluster.DatabaseOptions());
        // One pool of connections for all.
        services.AddSingleton(provider => provider.GetRequiredService<PostgresStorage>().DataSource);
    }
}
