using GlueOrleans.Storage.Postgres;
using GlueOrleans.Tests.Support;
using Npgsql;
using Xunit;

namespace GlueOrleans.Tests.StorageContract.Postgres;

/// <summary>A database for a test class, which each of its tests finds empty.</summary>
public sealed class PostgresDatabaseFixture : IAsyncLifetime
{
    internal PostgresStorage Storage { get; private set; } = null!;

    internal string ConnectionString { get; private set; } = null!;

    internal PostgresStorageOptions Options => new() { ConnectionString = ConnectionString };

    public async ValueTask InitializeAsync()
    {
        ConnectionString = await (await PostgresServer.Shared).CreateDatabase();
        Storage = await PostgresStorage.Open(Options);
    }

    public ValueTask DisposeAsync() => Storage.DisposeAsync();

    internal async ValueTask<PostgresStorage> Emptied()
    {
        await Execute(
            """
            TRUNCATE runs, job_epochs, account_epochs, job_names, bookmark_heads, bookmark_entries, executor_nodes,
                upkeep_leases
            """
        );
        return Storage;
    }

    internal async Task Execute(string sql)
    {
        await using var command = Storage.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    internal async Task<T> Ask<T>(string sql)
    {
        await using var command = Storage.DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    internal ValueTask<NpgsqlConnection> Connect() => Storage.DataSource.OpenConnectionAsync();
}
