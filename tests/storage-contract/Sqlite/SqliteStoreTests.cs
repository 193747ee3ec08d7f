using GlueOrleans.Grains.Ports;
using GlueOrleans.Storage.Sqlite;
using GlueOrleans.Tests.StorageContract.Contracts;

namespace GlueOrleans.Tests.StorageContract.Sqlite;

public sealed class SqliteRunStoreTests : RunStoreContract
{
    private readonly TemporaryFolder _folder = new();
    private SqliteStorage? _storage;

    protected override ValueTask<IRunStore> Open() => new((_storage = _folder.Open()).Runs);

    protected override async ValueTask Close()
    {
        await _storage!.DisposeAsync();
        _folder.Dispose();
    }
}

public sealed class SqliteJobIndexTests : JobIndexContract
{
    private readonly TemporaryFolder _folder = new();
    private SqliteStorage? _storage;

    protected override ValueTask<IJobIndex> Open() => new((_storage = _folder.Open()).JobNames);

    protected override async ValueTask Close()
    {
        await _storage!.DisposeAsync();
        _folder.Dispose();
    }
}
