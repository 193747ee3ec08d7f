using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Storage;
using GlueOrleans.Storage.Postgres;
using GlueOrleans.Tests.Support;
using Npgsql;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Postgres;

/// <summary>A server that asks for a password, and that comes and goes.</summary>
public sealed class ServerWithPassword : IAsyncLifetime
{
    public const string Password = "correct-horse";

    public PostgresServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await PostgresServer.Start(password: Password);

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}

/// <summary>What is said, and what is done, when something is wrong.</summary>
public sealed class FailureTests(ServerWithPassword server) : IClassFixture<ServerWithPassword>, IAsyncLifetime
{
    private readonly PostgresServer _server = server.Server;
    private string _connectionString = null!;

    public async ValueTask InitializeAsync() => _connectionString = await _server.CreateDatabase();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task What_was_acknowledged_is_there_after_a_crash_of_the_server_and_the_store_goes_on_by_itself()
    {
        await using var storage = await Open(_connectionString);
        RunRecord run = ARun();
        await storage.Runs.TryCreate(run);

        await _server.Kill();
        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() =>
            storage.Runs.SaveIfUnchanged(run.MovedTo(JobRunState.Starting), 1)
        );
        AssertNames(failure.Message);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => storage.Runs.Find(run.Id));

        await _server.Run();
        // Connections of the pool that have not been used since are found dead one by one.
        await WaitForAnAnswer(() => storage.Runs.Find(run.Id));
        Assert.Equal(
            SaveResult.Saved,
            await storage.Runs.SaveIfUnchanged(run.MovedTo(JobRunState.Starting), expectedVersion: 1)
        );
    }

    [Fact]
    public async Task A_statement_that_takes_too_long_is_given_up_and_writes_nothing()
    {
        await using var storage = await Open(_connectionString + ";Command Timeout=1");
        RunRecord run = ARun();
        await storage.Runs.TryCreate(run);
        await using var other = await storage.DataSource.OpenConnectionAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("SELECT 1 FROM runs FOR UPDATE", other))
            await command.ExecuteNonQueryAsync();

        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() =>
            storage.Runs.SaveIfUnchanged(run.MovedTo(JobRunState.Starting), 1)
        );
        await transaction.RollbackAsync();

        AssertNames(failure.Message);
        Assert.Contains("Command Timeout", failure.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await storage.Runs.Find(run.Id))!.Version);
    }

    [Fact]
    public async Task A_row_that_breaks_a_constraint_is_the_callers_mistake()
    {
        await using var storage = await Open(_connectionString);

        var mistake = await Assert.ThrowsAsync<ArgumentException>(() =>
            storage.Runs.TryCreate(ARun().WithSettings(settings => settings with { MaxCapacity = -1 }))
        );

        Assert.Contains("dpus", mistake.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_transactions_in_a_circle_the_one_that_is_undone_is_run_again()
    {
        await using var storage = await Open(_connectionString + ";Options=-c deadlock_timeout=50ms");
        RunRecord[] runs = [ARun().WithId("jr_1"), ARun().WithId("jr_2").WithOrdinal(2)];
        foreach (var run in runs)
            await storage.Runs.TryCreate(run.MovedTo(JobRunState.Stopped) with { Version = 1 });
        await using var other = await storage.DataSource.OpenConnectionAsync();
        // So that it is the store's transaction that is undone: this one looks for circles later.
        await Execute(other, "SET deadlock_timeout = '1min'");
        await Execute(other, "BEGIN");
        await Execute(other, "SELECT 1 FROM runs WHERE id = 'jr_2' FOR UPDATE");

        var removal = storage.Runs.Remove(["jr_1", "jr_2"]);
        while (!await IsAnyoneWaiting(storage))
            Assert.False(removal.IsCompleted);
        await Execute(other, "SELECT 1 FROM runs WHERE id = 'jr_1' FOR UPDATE");
        await Execute(other, "COMMIT");

        Assert.Equal(2, await removal);
    }

    [Theory]
    [InlineData("Database=nowhere", "'nowhere'", "createdb")]
    [InlineData("Password=wrong-horse", "password authentication failed", "Check Username and Password")]
    [InlineData("Host=127.0.0.1;Port=1", "127.0.0.1:1", "See that the server runs there")]
    public async Task What_is_wrong_at_the_start_is_said_with_what_to_do(string wrong, string named, string remedy)
    {
        var failure = await Assert.ThrowsAsync<StorageStartupException>(() => Open($"{_connectionString};{wrong}"));

        Assert.Contains(named, failure.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("horse", failure.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host=127.0.0.1;Password=wrong-horse", "names no Database")]
    [InlineData("Database=glue;Password=wrong-horse", "names no Host")]
    [InlineData("Host=127.0.0.1;Database=glue;Colour=red;Password=wrong-horse", "colour")]
    [InlineData("Host=127.0.0.1;Port=many;Database=glue;Password=wrong-horse", "port")]
    [InlineData("postgres://glue:wrong-horse@127.0.0.1/glue", "looks like")]
    public async Task A_connection_string_that_cannot_be_used_is_refused_without_repeating_it(
        string wrong,
        string named
    )
    {
        var failure = await Assert.ThrowsAsync<StorageStartupException>(() => Open(wrong));

        Assert.Contains(named, failure.Message, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("horse", failure.Message, StringComparison.Ordinal);
    }

    private void AssertNames(string message)
    {
        Assert.Contains($"at 127.0.0.1:{_server.Port}", message, StringComparison.Ordinal);
        Assert.Contains(
            $"'{new NpgsqlConnectionStringBuilder(_connectionString).Database}'",
            message,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(ServerWithPassword.Password, message, StringComparison.Ordinal);
    }

    private static Task<PostgresStorage> Open(string connectionString) =>
        PostgresStorage.Open(new PostgresStorageOptions { ConnectionString = connectionString });

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<bool> IsAnyoneWaiting(PostgresStorage storage)
    {
        await using var command = storage.DataSource.CreateCommand(
            "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock')"
        );
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    private static async Task WaitForAnAnswer(Func<Task> read)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await read();
                return;
            }
            catch (StoreUnavailableException) when (attempt < 20) { }
        }
    }
}
