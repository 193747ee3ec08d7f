using System.Net;
using GlueOrleans.Storage.Postgres;
using GlueOrleans.Tests.StorageContract.Sqlite;
using GlueOrleans.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Storage;
using Xunit;

namespace GlueOrleans.Tests.StorageContract.Postgres;

/// <summary>Two silos and a client as separate hosts, which meet through Orleans' AdoNet providers and our schema.</summary>
public sealed class OrleansProvidersTests(PostgresDatabaseFixture database)
    : IClassFixture<PostgresDatabaseFixture>,
        IAsyncLifetime
{
    private const string ClusterId = "providers";

    private readonly List<IHost> _hosts = [];

    public async ValueTask InitializeAsync()
    {
        await database.Execute(
            "TRUNCATE OrleansMembershipTable, OrleansMembershipVersionTable, OrleansRemindersTable, OrleansStorage"
        );
        _hosts.Add(await StartSilo());
        _hosts.Add(await StartSilo());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }
    }

    [Fact]
    public async Task Silos_and_clients_find_each_other_and_see_who_leaves()
    {
        var client = await StartClient();
        await client.Services.GetRequiredService<IClusterClient>().GetGrain<INotesGrain>("from outside").Write("hello");
        Assert.Equal("hello", await Notes(1, "from outside").Read());

        var membership = _hosts[0].Services.GetRequiredService<IMembershipTable>();
        var before = await membership.ReadAllAsync();
        Assert.Equal([SiloStatus.Active, SiloStatus.Active], before.Members.Select(member => member.Item1.Status));
        var leaving = _hosts[1].Services.GetRequiredService<ILocalSiloDetails>();
        await client.StopAsync();
        await _hosts[1].StopAsync();

        var left = Assert.Single((await membership.ReadRowAsync(leaving.SiloAddress)).Members).Item1;
        Assert.Equal((SiloStatus.Dead, leaving.Name), (left.Status, left.SiloName));
        Assert.True((await membership.ReadAllAsync()).Version.Version > before.Version.Version);

        await membership.CleanupDefunctSiloEntriesAsync(left.IAmAliveTime.AddMinutes(-1));
        Assert.Equal(2, (await membership.ReadAllAsync()).Members.Count);
        await membership.CleanupDefunctSiloEntriesAsync(left.IAmAliveTime.AddDays(1));
        Assert.Equal(SiloStatus.Active, Assert.Single((await membership.ReadAllAsync()).Members).Item1.Status);
    }

    [Fact]
    public async Task A_change_of_the_membership_that_was_made_from_an_older_version_is_refused()
    {
        var membership = _hosts[0].Services.GetRequiredService<IMembershipTable>();
        var table = await membership.ReadAllAsync();
        var (member, etag) = table.Members[0];

        Assert.True(await membership.UpdateRowAsync(member, etag, table.Version.Next()));
        Assert.False(await membership.UpdateRowAsync(member, etag, table.Version.Next()));
        Assert.False(await membership.InsertRowAsync(member, (await membership.ReadAllAsync()).Version.Next()));
    }

    [Fact]
    public async Task What_a_grain_wrote_is_read_by_another_silo_and_conflicts_are_refused()
    {
        foreach (var key in new[] { "nightly", "日本語 🚀" })
        {
            await Notes(0, key).Write("first");
            await Notes(0, key).Write("second");
            await Notes(0, key).WriteSecond("other");
        }

        await database.Execute("UPDATE OrleansStorage SET Version = Version + 1");
        await Assert.ThrowsAsync<InconsistentStateException>(() => Notes(0, "nightly").Write("too late"));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Notes(1, "日本語 🚀").Clear());
        // Both have been deactivated by that, and read anew.
        Assert.Equal("second", await Notes(1, "nightly").Read());
        Assert.Equal("other", await Notes(1, "日本語 🚀").ReadSecond());

        await Notes(1, "nightly").Clear();
        Assert.Equal(3, await database.Ask<long>("SELECT count(*) FROM OrleansStorage"));
        await Notes(1, "nightly").Write("again");
        Assert.Equal(4, await database.Ask<long>("SELECT count(*) FROM OrleansStorage"));
    }

    [Fact]
    public async Task A_first_write_where_another_activation_was_first_is_refused()
    {
        // Only the provider computes the hashes in a row's key, so the other's row is one it wrote earlier.
        await Notes(0, "contested").Write("the other's");
        await database.Execute("CREATE TABLE kept AS SELECT * FROM OrleansStorage");
        await Notes(0, "contested").Clear();
        await database.Execute("INSERT INTO OrleansStorage SELECT * FROM kept; DROP TABLE kept");

        await Assert.ThrowsAsync<InconsistentStateException>(() => Notes(0, "contested").Write("too late"));
        Assert.Equal("the other's", await Notes(0, "contested").Read());
    }

    [Fact]
    public async Task Reminders_are_kept_changed_ticked_and_removed()
    {
        var grain = Reminded(0);
        await grain.Remind("soon", TimeSpan.FromSeconds(3));
        await grain.Remind("later", TimeSpan.FromHours(1));
        await grain.Remind("later", TimeSpan.FromHours(2));

        await RemindedGrain.Ticked.Task.WaitAsync(TimeSpan.FromMinutes(4));
        Assert.Equal(["later", "soon"], await Reminded(1).Reminders());
        Assert.Equal(
            1,
            await database.Ask<int>("SELECT Version FROM OrleansRemindersTable WHERE ReminderName = 'later'")
        );

        await Reminded(1).Forget("later");
        Assert.Equal(["soon"], await Reminded(0).Reminders());
        Assert.Equal(1, await database.Ask<long>("SELECT count(*) FROM OrleansRemindersTable"));
    }

    [Theory]
    [InlineData(0, 100)]
    [InlineData(100, 0)]
    [InlineData(-50, 50)]
    public async Task Reminders_are_read_by_part_of_the_ring(int begin, int end)
    {
        int[] hashes = [int.MinValue, -51, -50, -49, 0, 1, 50, 51, 100, 101, int.MaxValue];
        foreach (var hash in hashes)
            await database.Execute(
                $"INSERT INTO OrleansRemindersTable VALUES ('ring', 'g/{hash}', 'r', now(), 60000, {hash}, 0)"
            );
        var key = begin < end ? "ReadRangeRows1Key" : "ReadRangeRows2Key";
        var text = await database.Ask<string>($"SELECT QueryText FROM OrleansQuery WHERE QueryKey = '{key}'");
        await using var command = database.Storage.DataSource.CreateCommand(text);
        command.Parameters.AddWithValue("ServiceId", "ring");
        command.Parameters.AddWithValue("BeginHash", begin);
        command.Parameters.AddWithValue("EndHash", end);
        List<string> read = [];
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
                read.Add(reader.GetString(0));
        }

        var expected = hashes.Where(hash => begin < end ? hash > begin && hash <= end : hash > begin || hash <= end);
        Assert.Equal(expected.Select(hash => $"g/{hash}").Order(), read.Order());
    }

    private INotesGrain Notes(int silo, string key) =>
        _hosts[silo].Services.GetRequiredService<IGrainFactory>().GetGrain<INotesGrain>(key);

    private IRemindedGrain Reminded(int silo) =>
        _hosts[silo].Services.GetRequiredService<IGrainFactory>().GetGrain<IRemindedGrain>("reminded");

    private async Task<IHost> StartSilo()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.UseOrleans(silo =>
        {
            silo.UseAdoNetClustering(options =>
            {
                options.Invariant = PostgresStorageOptions.OrleansInvariant;
                options.DataSource = database.Storage.DataSource;
            });
            silo.UseAdoNetReminderService(options =>
            {
                options.Invariant = PostgresStorageOptions.OrleansInvariant;
                options.DataSource = database.Storage.DataSource;
            });
            silo.AddAdoNetGrainStorageAsDefault(options =>
            {
                options.Invariant = PostgresStorageOptions.OrleansInvariant;
                options.DataSource = database.Storage.DataSource;
                options.DeleteStateOnClear = true;
            });
            silo.ConfigureEndpoints(IPAddress.Loopback, FreePort.Next(), FreePort.Next());
            Name(silo.Services);
        });
        var host = builder.Build();
        // The provider says nothing of a statement that fails, and tries it for minutes.
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await host.StartAsync(patience.Token);
        return host;
    }

    private async Task<IHost> StartClient()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.UseOrleansClient(client =>
        {
            client.UseAdoNetClustering(options =>
            {
                options.Invariant = PostgresStorageOptions.OrleansInvariant;
                options.DataSource = database.Storage.DataSource;
            });
            Name(client.Services);
        });
        var host = builder.Build();
        // The provider says nothing of a statement that fails, and tries it for minutes.
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await host.StartAsync(patience.Token);
        return host;
    }

    private static void Name(IServiceCollection services) =>
        services.Configure<ClusterOptions>(options =>
        {
            options.ClusterId = ClusterId;
            options.ServiceId = "glue-orleans";
        });
}

[Alias("Tests.IRemindedGrain")]
public interface IRemindedGrain : IGrainWithStringKey
{
    [Alias("Remind")]
    Task Remind(string name, TimeSpan dueIn);

    [Alias("Forget")]
    Task Forget(string name);

    [Alias("Reminders")]
    Task<List<string>> Reminders();
}

public sealed class RemindedGrain : Grain, IRemindedGrain, IRemindable
{
    internal static TaskCompletionSource Ticked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Remind(string name, TimeSpan dueIn) =>
        this.RegisterOrUpdateReminder(name, dueIn, TimeSpan.FromMinutes(1));

    public async Task Forget(string name) => await this.UnregisterReminder((await this.GetReminder(name))!);

    public async Task<List<string>> Reminders() =>
        [.. (await this.GetReminders()).Select(reminder => reminder.ReminderName).Order(StringComparer.Ordinal)];

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Ticked.TrySetResult();
        return Task.CompletedTask;
    }
}
