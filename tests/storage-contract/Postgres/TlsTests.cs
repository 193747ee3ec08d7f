using System.Net;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Storage;
using GlueOrleans.Storage.Postgres;
using GlueOrleans.Tests.StorageContract.Sqlite;
using GlueOrleans.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Configuration;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Postgres;

/// <summary>A server with a certificate for 127.0.0.1, a password, and a folder for files.</summary>
public sealed class ServerWithTls : IAsyncLifetime
{
    internal const string Password = "correct horse";

    private readonly TestAuthority _authority = new();
    private string _folder = null!;

    internal PostgresServer Server { get; private set; } = null!;

    internal string Authority => Path.Combine(_folder, "authority.pem");

    internal string WrongAuthority => Path.Combine(_folder, "other.pem");

    public async ValueTask InitializeAsync()
    {
        _folder = Directory.CreateTempSubdirectory("glue-database-tls-").FullName;
        await File.WriteAllTextAsync(Authority, _authority.Certificate);
        using var other = new TestAuthority("other");
        await File.WriteAllTextAsync(WrongAuthority, other.Certificate);
        Server = await PostgresServer.Start(password: Password);
        var (certificate, key) = _authority.Issue("127.0.0.1");
        await Server.UseTls(certificate, key);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

public sealed class TlsTests(ServerWithTls server) : IClassFixture<ServerWithTls>
{
    [Fact]
    public async Task A_connection_string_that_wants_the_server_verified_gets_that_for_all_that_is_kept()
    {
        var connectionString = await Verified(server.Authority);
        await using var storage = await PostgresStorage.Open(
            new PostgresStorageOptions { ConnectionString = connectionString }
        );
        RunRecord run = ARun();
        await storage.Runs.TryCreate(run);
        Assert.NotNull(await storage.Runs.Find(run.Id));

        using var silo = await StartSilo(storage.DataSource);
        await silo.Services.GetRequiredService<IGrainFactory>().GetGrain<INotesGrain>("over TLS").Write("kept");
        Assert.Single((await silo.Services.GetRequiredService<IMembershipTable>().ReadAllAsync()).Members);
        Assert.Equal(1, await Ask<long>(storage, "SELECT count(*) FROM OrleansStorage"));

        // All sessions of the database, Orleans' among them.
        Assert.Equal(
            0,
            await Ask<long>(
                storage,
                """
                SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                WHERE datname = current_database() AND backend_type = 'client backend' AND NOT ssl
                """
            )
        );
        await silo.StopAsync();
    }

    [Theory]
    [InlineData("authority")]
    [InlineData("host")]
    [InlineData("file")]
    public async Task A_server_that_is_not_the_one_is_refused_with_what_to_do(string wrong)
    {
        var connectionString = await Verified(wrong == "authority" ? server.WrongAuthority : server.Authority);
        if (wrong == "host")
            connectionString = connectionString.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        if (wrong == "file")
            connectionString = connectionString.Replace("authority.pem", "missing.pem", StringComparison.Ordinal);

        var failure = await Assert.ThrowsAsync<StorageStartupException>(() =>
            PostgresStorage.Open(new PostgresStorageOptions { ConnectionString = connectionString })
        );
        Assert.Contains("Root Certificate", failure.Message, StringComparison.Ordinal);
        Assert.Contains($":{server.Server.Port}", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(ServerWithTls.Password, failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_without_TLS_is_refused_if_it_is_wanted()
    {
        var plain = await (await PostgresServer.Shared).CreateDatabase();
        var failure = await Assert.ThrowsAsync<StorageStartupException>(() =>
            PostgresStorage.Open(new PostgresStorageOptions { ConnectionString = plain + ";SSL Mode=Require" })
        );
        Assert.Contains("ssl = on", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_that_is_asked_for_may_change()
    {
        var connectionString = await Verified(server.Authority);
        var user = "someone_" + Guid.NewGuid().ToString("N");
        await using var admin = NpgsqlDataSource.Create(connectionString);
        await Execute(admin, $"CREATE USER {user} SUPERUSER PASSWORD 'first'");
        var password = "first";
        var options = new PostgresStorageOptions
        {
            ConnectionString = new NpgsqlConnectionStringBuilder(connectionString)
            {
                Username = user,
                Password = null,
                Pooling = false,
            }.ToString(),
            Password = () => password,
        };
        await using var storage = await PostgresStorage.Open(options);
        RunRecord run = ARun();
        await storage.Runs.TryCreate(run);

        await Execute(admin, $"ALTER USER {user} PASSWORD 'second'");
        password = "second";
        Assert.NotNull(await storage.Runs.Find(run.Id));
    }

    private async Task<string> Verified(string authority) =>
        $"{await server.Server.CreateDatabase()};SSL Mode=VerifyFull;Root Certificate={authority}";

    private static async Task<IHost> StartSilo(NpgsqlDataSource source)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.UseOrleans(silo =>
        {
            silo.UseAdoNetClustering(o =>
                (o.Invariant, o.DataSource) = (PostgresStorageOptions.OrleansInvariant, source)
            );
            silo.AddAdoNetGrainStorageAsDefault(o =>
                (o.Invariant, o.DataSource) = (PostgresStorageOptions.OrleansInvariant, source)
            );
            silo.ConfigureEndpoints(IPAddress.Loopback, FreePort.Next(), FreePort.Next());
            silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = ("tls", "glue-orleans"));
        });
        var host = builder.Build();
        // The provider says nothing of a statement that fails, and tries it for minutes.
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await host.StartAsync(patience.Token);
        return host;
    }

    private static async Task<T> Ask<T>(PostgresStorage storage, string sql)
    {
        await using var command = storage.DataSource.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    private static async Task Execute(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
