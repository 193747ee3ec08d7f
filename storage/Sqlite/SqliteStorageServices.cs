using GlueOrleans.Grains;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.DependencyInjection;

namespace GlueOrleans.Storage.Sqlite;

/// <summary>Makes SQLite the storage of a host.</summary>
public static class SqliteStorageServices
{
    /// <summary>
    /// Registers <see cref="IRunStore"/>, <see cref="IJobIndex"/>, <see cref="IBookmarkStore"/> and <see cref="IRunCensus"/>, closed with the host. Call
    /// <see cref="OpenSqliteStorage"/> between building the host and starting it.
    /// </summary>
    public static IServiceCollection AddSqliteStorage(this IServiceCollection services, SqliteStorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        services.TryAddClocks();
        services.AddSingleton(provider => SqliteStorage.Open(options, provider.GetRequiredService<IWallClock>().Time));
        services.AddSingleton(provider => provider.GetRequiredService<SqliteStorage>().Runs);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteStorage>().JobNames);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteStorage>().Bookmarks);
        services.AddSingleton(provider => provider.GetRequiredService<SqliteStorage>().Census);
        return services;
    }

    /// <summary>Opens the databases now, so that what is wrong with them is said before anything else has started.</summary>
    /// <exception cref="StorageStartupException">The folder or a file cannot be used.</exception>
    public static void OpenSqliteStorage(this IServiceProvider services) =>
        services.GetRequiredService<SqliteStorage>();
}
