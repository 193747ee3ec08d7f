using GlueOrleans.Grains.Ports;
using GlueOrleans.Tests.StorageContract.Contracts;
using Xunit;

namespace GlueOrleans.Tests.StorageContract.Postgres;

public sealed class PostgresRunStoreTests(PostgresDatabaseFixture database)
    : RunStoreContract,
        IClassFixture<PostgresDatabaseFixture>
{
    protected override async ValueTask<IRunStore> Open() => (await database.Emptied()).Runs;

    protected override ValueTask Close() => ValueTask.CompletedTask;
}

public sealed class PostgresJobIndexTests(PostgresDatabaseFixture database)
    : JobIndexContract,
        IClassFixture<PostgresDatabaseFixture>
{
    protected override async ValueTask<IJobIndex> Open() => (await database.Emptied()).JobNames;

    protected override ValueTask Close() => ValueTask.CompletedTask;
}

public sealed class PostgresBookmarkStoreTests(PostgresDatabaseFixture database)
    : BookmarkStoreContract,
        IClassFixture<PostgresDatabaseFixture>
{
    protected override async ValueTask<(IRunStore, IBookmarkStore)> Open()
    {
        var storage = await database.Emptied();
        return (storage.Runs, storage.Bookmarks);
    }

    protected override ValueTask Close() => ValueTask.CompletedTask;
}

public sealed class PostgresLeaseTests(PostgresDatabaseFixture database)
    : ExecutorNodesContract,
        IClassFixture<PostgresDatabaseFixture>
{
    public override async ValueTask InitializeAsync()
    {
        var storage = await database.Emptied();
        (Nodes, Upkeep, Runs) = (storage.ExecutorNodes, storage.UpkeepLease, storage.Runs);
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected override async Task Pass(TimeSpan time)
    {
        foreach (var table in new[] { "executor_nodes", "upkeep_leases" })
            await database.Execute($"UPDATE {table} SET expires_at = expires_at - interval '{time.TotalSeconds} s'");
    }
}

public sealed class PostgresRunCensusTests(PostgresDatabaseFixture database)
    : RunCensusContract,
        IClassFixture<PostgresDatabaseFixture>
{
    protected override async ValueTask<(IRunStore, IRunCensus)> Open()
    {
        var storage = await database.Emptied();
        return (storage.Runs, storage.Census);
    }

    protected override ValueTask Close() => ValueTask.CompletedTask;
}
