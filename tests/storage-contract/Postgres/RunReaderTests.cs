using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Storage.Postgres;
using GlueOrleans.Tests.Support;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Postgres;

/// <summary>Runs that are read together: each reader has the answer that it would have had alone.</summary>
public sealed class RunReaderTests(PostgresDatabaseFixture database)
    : IClassFixture<PostgresDatabaseFixture>,
        IAsyncLifetime
{
    private PostgresStorage _storage = null!;

    public async ValueTask InitializeAsync() => _storage = await database.Emptied();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Many_readers_at_once_have_each_their_own_run_or_none()
    {
        List<RunRecord> runs = [.. Enumerable.Range(1, 200).Select(ordinal => (RunRecord)ARun().WithOrdinal(ordinal))];
        await Task.WhenAll(runs.Select(run => _storage.Runs.TryCreate(run)));
        string[] ids =
        [
            .. runs.Select(run => run.Id),
            .. Enumerable.Range(0, 100).Select(i => $"jr_missing{i}"),
            runs[0].Id,
        ];

        var found = await Task.WhenAll(ids.Select(_storage.Runs.Find));

        Assert.Equal(
            [.. runs.Select(run => (string?)run.Id), .. Enumerable.Repeat((string?)null, 100), runs[0].Id],
            found.Select(run => run?.Id)
        );
    }

    [Fact]
    public async Task A_reader_sees_what_was_committed_before_it_asked_whoever_else_is_reading()
    {
        RunRecord run = ARun();
        await _storage.Runs.TryCreate(run);
        using var enough = new CancellationTokenSource();
        var others = Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReadOn(run.Id, enough.Token)));

        for (var i = 0; i < 50; i++)
        {
            var next = run with { Version = run.Version + 1, StateDetail = $"{i}" };
            await _storage.Runs.SaveIfUnchanged(next, run.Version);
            Assert.Equal(next.Version, (await _storage.Runs.Find(run.Id))!.Version);
            run = next;
        }

        await enough.CancelAsync();
        await others;

        async Task ReadOn(string id, CancellationToken end)
        {
            while (!end.IsCancellationRequested)
                await _storage.Runs.Find(id);
        }
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_is_its_own_readers_trouble()
    {
        List<RunRecord> runs = [.. Enumerable.Range(1, 20).Select(ordinal => (RunRecord)ARun().WithOrdinal(ordinal))];
        await Task.WhenAll(runs.Select(run => _storage.Runs.TryCreate(run)));
        await database.Execute($"UPDATE runs SET settings = 'not JSON' WHERE id = '{runs[7].Id}'");

        var reads = runs.Select(run => _storage.Runs.Find(run.Id)).ToArray();

        await Assert.ThrowsAnyAsync<Exception>(() => reads[7]);
        for (var i = 0; i < reads.Length; i++)
        {
            if (i != 7)
                Assert.Equal(runs[i].Id, (await reads[i])!.Id);
        }
    }

    [Fact]
    public async Task All_readers_hear_of_a_database_that_is_closed()
    {
        var other = await PostgresStorage.Open(database.Options);
        await other.DisposeAsync();

        var reads = Enumerable.Range(0, 5).Select(i => other.Runs.Find($"jr_{i}")).ToArray();

        foreach (var read in reads)
            await Assert.ThrowsAsync<StoreUnavailableException>(() => read);
    }
}
