using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Storage;
using GlueOrleans.Storage.Postgres;
using GlueOrleans.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Postgres;

/// <summary>Opening a database that is new, known, older, newer, or not to be had.</summary>
public sealed class SchemaTests : IAsyncLifetime
{
    private PostgresServer _server = null!;
    private string _connectionString = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.Shared;
        _connectionString = await _server.CreateDatabase();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Everything_is_there_after_closing_and_opening_again()
    {
        RunRecord run = ARun();
        await using (var storage = await Open())
            await storage.Runs.TryCreate(run);
        const string writers = "SELECT string_agg(QueryKey || xmin::text, ' ' ORDER BY QueryKey) FROM OrleansQuery";
        var before = await Ask<string>(writers);

        await using var again = await Open();

        Assert.NotNull(await again.Runs.Find(run.Id));
        Assert.Equal(PostgresSchema.Newest, await Ask<int>("SELECT count(*)::integer FROM schema_version"));
        Assert.Equal(before, await Ask<string>(writers));
    }

    [Fact]
    public async Task Nodes_that_start_at_once_make_one_schema()
    {
        var storages = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(Open)));

        Assert.Equal(PostgresSchema.Newest, await Ask<int>("SELECT count(*)::integer FROM schema_version"));
        Assert.Equal(CreateResult.Created, await storages[0].Runs.TryCreate(ARun()));
        Assert.Equal(1, (await storages[3].Runs.LoadRoster(TheJob)).LastOrdinal);
        foreach (var storage in storages)
            await storage.DisposeAsync();
    }

    [Fact]
    public async Task A_newer_schema_is_refused_with_both_versions()
    {
        await using (await Open()) { }
        await Execute($"INSERT INTO schema_version (version) VALUES ({PostgresSchema.Newest + 1})");

        var refusal = await Assert.ThrowsAsync<StorageStartupException>(Open);

        Assert.Contains($"schema version {PostgresSchema.Newest + 1}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"up to {PostgresSchema.Newest}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_schema_is_migrated_and_keeps_what_it_has()
    {
        RunRecord run = ARun();
        await using (var storage = await Open())
            await storage.Runs.TryCreate(run);
        // As the first version left it.
        await Execute(
            """
            DROP TABLE OrleansQuery, OrleansMembershipVersionTable, OrleansMembershipTable, OrleansRemindersTable,
                OrleansStorage;
            DELETE FROM schema_version WHERE version > 1
            """
        );

        await using var again = await Open();

        Assert.NotNull(await again.Runs.Find(run.Id));
        Assert.Equal(PostgresSchema.Newest, await Ask<int>("SELECT max(version) FROM schema_version"));
        Assert.Equal(0, await Ask<int>("SELECT count(*)::integer FROM OrleansStorage"));
    }

    [Fact]
    public async Task A_statement_of_Orleans_that_another_version_has_left_is_replaced()
    {
        await using (await Open()) { }
        var written = "SELECT QueryText FROM OrleansQuery WHERE QueryKey = 'GatewaysQueryKey'";
        var ours = await Ask<string>(written);
        await Execute("UPDATE OrleansQuery SET QueryText = 'SELECT 1'");

        await using (await Open()) { }

        Assert.Equal(ours, await Ask<string>(written));
    }

    [Fact]
    public async Task A_user_who_may_not_change_the_schema_can_open_a_current_one_and_no_new_one()
    {
        await Execute(
            """
            DROP ROLE IF EXISTS humble;
            CREATE ROLE humble LOGIN;
            REVOKE CREATE ON SCHEMA public FROM PUBLIC
            """
        );
        var humble = new NpgsqlConnectionStringBuilder(_connectionString) { Username = "humble" }.ToString();

        var refusal = await Assert.ThrowsAsync<StorageStartupException>(() => Open(humble));
        Assert.Contains("permission denied", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Grant the user", refusal.Message, StringComparison.Ordinal);

        await using (await Open()) { }
        await Execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO humble");
        await using var storage = await Open(humble);
        Assert.Equal(CreateResult.Created, await storage.Runs.TryCreate(ARun()));
        await Execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM humble");
    }

    [Fact]
    public async Task A_host_gets_the_ports_and_closes_them()
    {
        IRunStore runs;
        var services = new ServiceCollection().AddPostgresStorage(
            new PostgresStorageOptions { ConnectionString = _connectionString }
        );
        await using (var provider = services.BuildServiceProvider())
        {
            provider.OpenPostgresStorage();
            runs = provider.GetRequiredService<IRunStore>();
            Assert.Equal(CreateResult.Created, await runs.TryCreate(ARun()));
            await provider.GetRequiredService<IJobIndex>().Settle(TheJob);
            Assert.Equal(0, (await provider.GetRequiredService<IBookmarkStore>().Read(TheJob)).Revision);
        }

        await Assert.ThrowsAsync<GrainInterfaces.StoreUnavailableException>(() => runs.TryCreate(ARun()));
    }

    [Theory]
    [InlineData("synchronous_commit = off", "synchronous_commit")]
    [InlineData("default_transaction_isolation = 'serializable'", "default_transaction_isolation")]
    public async Task A_setting_that_would_break_a_promise_is_refused(string setting, string name)
    {
        await Execute($"ALTER DATABASE {Database} SET {setting}");

        var refusal = await Assert.ThrowsAsync<StorageStartupException>(Open);

        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("ALTER DATABASE", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_not_in_UTF_8_is_refused()
    {
        await Execute($"CREATE DATABASE {Database}_latin ENCODING 'LATIN1' TEMPLATE template0");

        var refusal = await Assert.ThrowsAsync<StorageStartupException>(() =>
            Open(_server.ConnectionString($"{Database}_latin"))
        );

        Assert.Contains("server_encoding = LATIN1", refusal.Message, StringComparison.Ordinal);
    }

    private string Database => new NpgsqlConnectionStringBuilder(_connectionString).Database!;

    private Task<PostgresStorage> Open() => Open(_connectionString);

    private static Task<PostgresStorage> Open(string connectionString) =>
        PostgresStorage.Open(new PostgresStorageOptions { ConnectionString = connectionString });

    private async Task Execute(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_connectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<T> Ask<T>(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_connectionString);
        await using var command = source.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
