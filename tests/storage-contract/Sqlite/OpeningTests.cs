using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Storage;
using GlueOrleans.Storage.Sqlite;
using GlueOrleans.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Sqlite;

/// <summary>Opening, closing and opening again; and what is refused, with words that help.</summary>
public sealed class OpeningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Everything_is_there_after_closing_and_opening_again()
    {
        RunRecord run = ARun().InState(JobRunState.Starting);
        var running = run.MovedTo(JobRunState.Running);
        await using (var storage = _folder.Open())
        {
            await storage.Runs.TryCreate(run);
            await storage.Runs.SaveIfUnchanged(running, 1);
            await storage.JobNames.Settle(TheJob);
        }

        await using (var storage = _folder.Open())
        {
            Assert.Equal(JobRunState.Running, (await storage.Runs.Find(run.Id))!.State);
            Assert.Equal([TheJob.Name], await storage.JobNames.ListNames(TheJob.Account, null, 10));
            Assert.Equal(SaveResult.Saved, await storage.Runs.SaveIfUnchanged(running with { Version = 3 }, 2));
        }
    }

    [Fact]
    public async Task Closing_finishes_the_writes_that_are_queued_and_empties_the_log()
    {
        Task<CreateResult>[] writes;
        await using (var storage = _folder.Open())
            writes = [.. Enumerable.Range(1, 2000).Select(i => storage.Runs.TryCreate(ARun().WithOrdinal(i)))];

        Assert.All(writes, write => Assert.True(write.IsCompletedSuccessfully));
        Assert.False(File.Exists(_folder.Options.RunsFile + "-wal"));
        await using var again = _folder.Open();
        Assert.Equal(2000, (await again.Runs.LoadRoster(TheJob)).LastOrdinal);
    }

    [Fact]
    public async Task A_closed_store_says_that_the_node_is_shutting_down()
    {
        var storage = _folder.Open();
        await storage.DisposeAsync();
        await storage.DisposeAsync();

        var write = await Assert.ThrowsAsync<StoreUnavailableException>(() => storage.Runs.TryCreate(ARun()));
        Assert.Contains("shutting down", write.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => storage.Runs.Find("any"));
    }

    [Fact]
    public async Task A_host_gets_the_ports_and_closes_them()
    {
        IRunStore runs;
        var services = new ServiceCollection().AddSqliteStorage(_folder.Options);
        await using (var provider = services.BuildServiceProvider())
        {
            provider.OpenSqliteStorage();
            runs = provider.GetRequiredService<IRunStore>();
            Assert.Same(runs, provider.GetRequiredService<IRunStore>());
            Assert.Equal(CreateResult.Created, await runs.TryCreate(ARun()));
            await provider.GetRequiredService<IJobIndex>().Settle(TheJob);
        }

        await Assert.ThrowsAsync<StoreUnavailableException>(() => runs.TryCreate(ARun()));
    }

    [Theory]
    [InlineData("runs.db")]
    [InlineData("grains.db")]
    public async Task A_database_written_by_a_newer_version_is_refused(string file)
    {
        await using (_folder.Open()) { }
        Alter(file, "PRAGMA user_version = 999");

        var refusal = Assert.Throws<StorageStartupException>(_folder.Open);

        Assert.Contains(Path.Combine(_folder.Path, file), refusal.Message, StringComparison.Ordinal);
        Assert.Contains("999", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("newer version", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("runs.db")]
    [InlineData("grains.db")]
    public void A_file_that_is_no_database_is_refused_and_left_alone(string file)
    {
        var path = Path.Combine(_folder.Path, file);
        var text = string.Concat(Enumerable.Repeat("These are my holiday notes. ", 200));
        File.WriteAllText(path, text);

        var refusal = Assert.Throws<StorageStartupException>(_folder.Open);

        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("not an SQLite database", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(path));
    }

    [Fact]
    public void A_database_of_another_program_is_refused()
    {
        Alter("runs.db", "CREATE TABLE recipes (name TEXT)");

        var refusal = Assert.Throws<StorageStartupException>(_folder.Open);

        Assert.Contains("another program", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_data_folder_that_cannot_be_created_is_refused()
    {
        var file = Path.Combine(_folder.Path, "a-file");
        File.WriteAllText(file, "");
        var folder = Path.Combine(file, "data");

        var refusal = Assert.Throws<StorageStartupException>(() =>
            SqliteStorage.Open(new SqliteStorageOptions { DataFolder = folder }, TimeProvider.System)
        );

        Assert.Contains(folder, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_database_that_cannot_be_created_is_refused_with_its_path()
    {
        // A folder in its place: no user, not even root, may write there.
        Directory.CreateDirectory(_folder.Options.RunsFile);

        var refusal = Assert.Throws<StorageStartupException>(_folder.Open);

        Assert.Contains(_folder.Options.RunsFile, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("folder", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_data_folder_is_for_its_owner_only()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix file modes.");
        var options = new SqliteStorageOptions { DataFolder = Path.Combine(_folder.Path, "new") };

        await using var storage = SqliteStorage.Open(options, TimeProvider.System);

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(options.DataFolder)
        );
    }

    [Fact]
    public async Task Opening_twice_in_a_row_migrates_once()
    {
        await using (_folder.Open()) { }
        await using (_folder.Open()) { }

        Assert.Equal((long)SqliteSchema.NewestRuns, Ask("runs.db", "PRAGMA user_version"));
        Assert.Equal("wal", Ask("runs.db", "PRAGMA journal_mode"));
        Assert.Equal("wal", Ask("grains.db", "PRAGMA journal_mode"));
    }

    private void Alter(string file, string sql) => Ask(file, sql);

    private object? Ask(string file, string sql)
    {
        using var connection = SqliteFile.OpenOrCreate(Path.Combine(_folder.Path, file));
        return SqliteFile.Scalar(connection, sql);
    }
}
