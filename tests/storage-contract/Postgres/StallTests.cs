using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Storage.Postgres;
using GlueOrleans.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Postgres;

/// <summary>A database that does not get on: here, because somebody has locked the whole table.</summary>
public sealed class StallTests(PostgresDatabaseFixture database)
    : IClassFixture<PostgresDatabaseFixture>,
        IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _clock = new();
    private PostgresStorage _storage = null!;
    private RunWriter _writer = null!;
    private PostgresRunStore _store = null!;
    private long _epoch;
    private int _ordinal;

    public async ValueTask InitializeAsync()
    {
        _storage = await database.Emptied();
        _writer = new RunWriter(_storage.Database, Patience, _clock, queueLength: 4);
        _store = new PostgresRunStore(_storage.Database, _writer);
        _epoch = await _store.ClaimEpoch(TheJob);
    }

    public async ValueTask DisposeAsync() => await _writer.Close();

    [Fact]
    public async Task A_write_whose_turn_does_not_come_in_time_is_refused_and_never_made()
    {
        await using var stall = await Stall.Begin(database);
        var underWay = Create();
        await stall.WaitUntilItHolds(underWay);
        RunRecord late = ARun().WithOrdinal(100);
        var waiting = _store.TryCreate(late, _epoch);

        _clock.Advance(Patience);
        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => waiting);
        Assert.Contains("Nothing was written", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(_storage.Database.Name, refusal.Message, StringComparison.Ordinal);

        await stall.End();
        Assert.Equal(CreateResult.Created, await underWay);
        Assert.Equal(CreateResult.Created, await Create());
        Assert.Null(await _store.Find(late.Id));
    }

    [Fact]
    public async Task A_queue_that_is_full_refuses_at_once_and_has_room_when_the_stall_ends()
    {
        await using var stall = await Stall.Begin(database);
        var underWay = Create();
        await stall.WaitUntilItHolds(underWay);
        List<Task<CreateResult>> waiting = [.. Enumerable.Range(0, 4).Select(_ => Create())];

        var refused = Create();
        Assert.True(refused.IsFaulted);
        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => refused);
        Assert.Contains("too many writes wait", refusal.Message, StringComparison.Ordinal);

        await stall.End();
        Assert.All(await Task.WhenAll([underWay, .. waiting]), result => Assert.Equal(CreateResult.Created, result));
        Assert.Equal(CreateResult.Created, await Create());
    }

    /// <summary>The driver gives up by itself; should it not, nobody waits for it.</summary>
    [Fact]
    public async Task A_write_under_way_that_is_not_answered_at_all_is_in_doubt_in_the_end()
    {
        await using var stall = await Stall.Begin(database);
        var underWay = Create();
        await stall.WaitUntilItHolds(underWay);

        for (var waited = TimeSpan.Zero; !underWay.IsCompleted; waited += TimeSpan.FromSeconds(1))
        {
            Assert.True(waited < TimeSpan.FromMinutes(2), "Nobody may wait for ever.");
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        var failure = await Assert.ThrowsAsync<StoreUnavailableException>(() => underWay);
        Assert.DoesNotContain("Nothing was written", failure.Message, StringComparison.Ordinal);
        await stall.End();
        Assert.Equal(CreateResult.Created, await Create());
    }

    [Fact]
    public async Task A_batch_whose_session_is_ended_is_in_doubt_and_the_next_one_is_written()
    {
        await using var stall = await Stall.Begin(database);
        var first = Create();
        await stall.WaitUntilItHolds(first);
        List<Task<CreateResult>> next = [.. Enumerable.Range(0, 3).Select(_ => Create())];

        await database.Execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
            """
        );
        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        await stall.WaitUntilItHolds(Task.WhenAll(next));
        await database.Execute(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'
            """
        );
        foreach (var write in next)
            await Assert.ThrowsAsync<StoreUnavailableException>(() => write);

        await stall.End();
        Assert.Equal(CreateResult.Created, await Create());
        Assert.Single(await _store.ListByJob(TheJob, null, 10));
    }

    [Fact]
    public async Task A_store_that_is_closed_finishes_what_waits_and_refuses_the_rest()
    {
        await using var stall = await Stall.Begin(database);
        var underWay = Create();
        await stall.WaitUntilItHolds(underWay);
        var waiting = Create();

        var closing = _writer.Close();
        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(Create);
        Assert.Contains("shutting down", refusal.Message, StringComparison.Ordinal);
        await stall.End();
        await closing;

        Assert.Equal([CreateResult.Created, CreateResult.Created], await Task.WhenAll(underWay, waiting));
    }

    private Task<CreateResult> Create() => _store.TryCreate(ARun().WithOrdinal(++_ordinal), _epoch);

    /// <summary>Another session's lock on the table of runs.</summary>
    private sealed class Stall(PostgresDatabaseFixture database, NpgsqlConnection hand) : IAsyncDisposable
    {
        internal static async Task<Stall> Begin(PostgresDatabaseFixture database)
        {
            var hand = await database.Connect();
            await using var command = new NpgsqlCommand("BEGIN; LOCK TABLE runs IN EXCLUSIVE MODE", hand);
            await command.ExecuteNonQueryAsync();
            return new Stall(database, hand);
        }

        internal async Task WaitUntilItHolds(Task task)
        {
            const string held = """
                SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
                """;
            while (await database.Ask<long>(held) == 0)
                Assert.False(task.IsCompleted, "It should have waited for the lock.");
        }

        internal async Task End()
        {
            await using var command = new NpgsqlCommand("ROLLBACK", hand);
            await command.ExecuteNonQueryAsync();
        }

        public ValueTask DisposeAsync() => hand.DisposeAsync();
    }
}
