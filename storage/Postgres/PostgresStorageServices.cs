using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.DependencyInjection;

namespace GlueOrleans.Storage.Postgres;

/// <summary>Makes PostgreSQL the storage of a host.</summary>
public static class PostgresStorageServices
{
    /// <summary>
    /// Registers <see cref="IRunStore"/>, <see cref="IRunCensus"/>, <see cref="IJobIndex"/>, <see cref="IBookmarkStore"/>,
    /// <see cref="IExecutorNodes"/> and <see cref="IUpkeepLease"/>, closed with the host. Call
    /// <see cref="OpenPostgresStorage"/> between building the host and starting it.
    /// </summary>
    public static IServiceCollection AddPostgresStorage(
        this IServiceCollection services,
        PostgresStorageOptions options
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        // Factories cannot wait; this one does once, before anything else runs.
        services.AddSingleton(_ => Task.Run(() => PostgresStorage.Open(options)).GetAwaiter().GetResult());
        services.AddSingleton(provider => provider.GetRequiredService<PostgresStorage>().Runs);
        services.AddSingleton(provider => provider.GetRequiredService<PostgresStorage>().JobNames);
        services.AddSingleton(provider => provider.GetRequiredService<PostgresStorage>().Bookmarks);
        services.AddSingleton(provider => provider.GetRequiredService<PostgresStorage>().ExecutorNodes);
        services.AddSingleton(provider => provider.GetRequiredService<PostgresStorage>().UpkeepLease);
        services.AddSingleton(provider => provider.GetRequiredService<PostgresStorage>().Census);
        return services;
    }

    /// <summary>Opens the database now, so that what is wrong with it is said before anything else has started.</summary>
    /// <exception cref="StorageStartupException">The database cannot be used.</exception>
    public static void OpenPostgresStorage(this IServiceProvider services) =>
        services.GetRequiredService<PostgresStorage>();
}
