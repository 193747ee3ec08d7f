using GlueOrleans.Storage.Sqlite;
using Orleans.Storage;
using Orleans.TestingHost;
using Xunit;

namespace GlueOrleans.Tests.StorageContract.Sqlite;

/// <summary>Orleans' own AdoNet provider over the schema we wrote for it, in a real silo.</summary>
public sealed class OrleansGrainStateTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private SqliteStorage _storage = null!;
    private InProcessTestCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _storage = _folder.Open();
        _cluster = await Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _storage.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_a_grain_wrote_is_there_after_a_restart()
    {
        foreach (var key in new[] { "000000000000/nightly", "000000000000/日本語 🚀" })
        {
            await Notes(key).Write($"first of {key}");
            await Notes(key).Write($"second of {key}");
        }

        await Restart();

        foreach (var key in new[] { "000000000000/nightly", "000000000000/日本語 🚀" })
            Assert.Equal($"second of {key}", await Notes(key).Read());
        Assert.Null(await Notes("000000000000/other").Read());
    }

    [Fact]
    public async Task States_of_different_names_under_one_key_are_kept_apart()
    {
        await Notes("one").Write("text");
        await Notes("one").WriteSecond("other text");

        await Restart();

        Assert.Equal("text", await Notes("one").Read());
        Assert.Equal("other text", await Notes("one").ReadSecond());
    }

    [Fact]
    public async Task A_write_over_a_state_that_another_activation_has_changed_is_refused()
    {
        var notes = Notes("contested");
        await notes.Write("mine");
        Alter("UPDATE OrleansStorage SET Version = Version + 1");

        await Assert.ThrowsAsync<InconsistentStateException>(() => notes.Write("too late"));

        await Restart();
        Assert.Equal("mine", await Notes("contested").Read());
    }

    [Fact]
    public async Task A_first_write_where_another_activation_was_first_is_refused()
    {
        // Only the provider computes the hashes in a row's key, so the other's row is one it wrote earlier.
        await Notes("contested").Write("the other's");
        Alter("CREATE TABLE kept AS SELECT * FROM OrleansStorage; DELETE FROM OrleansStorage");
        await Restart();
        var notes = Notes("contested");
        Assert.Null(await notes.Read());
        Alter("INSERT INTO OrleansStorage SELECT * FROM kept");

        await Assert.ThrowsAsync<InconsistentStateException>(() => notes.Write("too late"));

        await Restart();
        Assert.Equal("the other's", await Notes("contested").Read());
    }

    [Fact]
    public async Task A_write_over_a_state_that_another_activation_has_removed_is_refused()
    {
        var notes = Notes("contested");
        await notes.Write("mine");
        Alter("DELETE FROM OrleansStorage");

        await Assert.ThrowsAsync<InconsistentStateException>(() => notes.Write("too late"));
        Assert.Equal(0L, Ask("SELECT count(*) FROM OrleansStorage"));
    }

    [Fact]
    public async Task A_cleared_state_is_gone_from_the_table_and_can_be_written_anew()
    {
        var notes = Notes("short-lived");
        await notes.Write("something");
        await notes.Clear();
        Assert.Null(await notes.Read());
        Assert.Equal(0L, Ask("SELECT count(*) FROM OrleansStorage"));

        await notes.Write("again");
        await Restart();
        Assert.Equal("again", await Notes("short-lived").Read());
    }

    [Fact]
    public async Task A_clear_of_a_state_that_another_activation_has_changed_is_refused()
    {
        var notes = Notes("contested");
        await notes.Write("mine");
        Alter("UPDATE OrleansStorage SET Version = Version + 1");

        await Assert.ThrowsAsync<InconsistentStateException>(() => notes.Clear());
        Assert.Equal(1L, Ask("SELECT count(*) FROM OrleansStorage"));
    }

    [Fact]
    public async Task A_provider_that_keeps_cleared_rows_works_too()
    {
        await _cluster.DisposeAsync();
        _cluster = await Start(deleteOnClear: false);
        await Notes("kept").Write("something");
        await Notes("kept").Clear();
        Assert.Equal(1L, Ask("SELECT count(*) FROM OrleansStorage WHERE Payload IS NULL"));

        await Notes("kept").Write("again");
        await _cluster.DisposeAsync();
        _cluster = await Start(deleteOnClear: false);
        Assert.Equal("again", await Notes("kept").Read());
    }

    [Fact]
    public async Task Many_grains_write_at_once()
    {
        await Task.WhenAll(
            Enumerable
                .Range(0, 50)
                .Select(async i =>
                {
                    for (var round = 0; round < 4; round++)
                        await Notes($"grain-{i}").Write($"{i}/{round}");
                })
        );

        await Restart();
        for (var i = 0; i < 50; i++)
            Assert.Equal($"{i}/3", await Notes($"grain-{i}").Read());
    }

    private INotesGrain Notes(string key) => _cluster.Client.GetGrain<INotesGrain>(key);

    private async Task Restart()
    {
        await _cluster.DisposeAsync();
        await _storage.DisposeAsync();
        _storage = _folder.Open();
        _cluster = await Start();
    }

    private async Task<InProcessTestCluster> Start(bool deleteOnClear = true)
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.ConfigureFileLogging = false;
        // Part of each row's key: the default is a new one for each cluster, which would then find nothing.
        builder.Options.ServiceId = "glue-orleans";
        builder.ConfigureSilo(
            (_, silo) =>
                silo.AddAdoNetGrainStorageAsDefault(options =>
                {
                    options.Invariant = SqliteStorageOptions.OrleansInvariant;
                    options.ConnectionString = _folder.Options.GrainStateConnectionString;
                    options.DeleteStateOnClear = deleteOnClear;
                })
        );
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;
    }

    private void Alter(string sql) => Ask(sql);

    private object? Ask(string sql)
    {
        using var connection = SqliteFile.Open(_folder.Options.GrainStateFile);
        return SqliteFile.Scalar(connection, sql);
    }
}

[Alias("Tests.INotesGrain")]
public interface INotesGrain : IGrainWithStringKey
{
    [Alias("Write")]
    Task Write(string text);

    [Alias("WriteSecond")]
    Task WriteSecond(string text);

    [Alias("Read")]
    Task<string?> Read();

    [Alias("ReadSecond")]
    Task<string?> ReadSecond();

    [Alias("Clear")]
    Task Clear();
}

[GenerateSerializer, Alias("Tests.Notes")]
public sealed class Notes
{
    [Id(0)]
    public string? Text { get; set; }
}

public sealed class NotesGrain(
    [PersistentState("notes")] IPersistentState<Notes> first,
    [PersistentState("more-notes")] IPersistentState<Notes> second
) : Grain, INotesGrain
{
    public async Task Write(string text)
    {
        first.State.Text = text;
        await first.WriteStateAsync();
    }

    public async Task WriteSecond(string text)
    {
        second.State.Text = text;
        await second.WriteStateAsync();
    }

    public Task<string?> Read() => Task.FromResult(first.State.Text);

    public Task<string?> ReadSecond() => Task.FromResult(second.State.Text);

    public async Task Clear() => await first.ClearStateAsync();
}
