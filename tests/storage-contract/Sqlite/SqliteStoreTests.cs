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

public sealed class SqliteBookmarkStoreTests : BookmarkStoreContract
{
    private readonly TemporaryFolder _folder = new();
    private SqliteStorage? _storage;

    protected override ValueTask<(IRunStore, IBookmarkStore)> Open()
    {
        _storage = _folder.Open();
        return new((_storage.Runs, _storage.Bookmarks));
    }

    protected override async ValueTask Close()
    {
        await _storage!.DisposeAsync();
        _folder.Dispose();
    }
}

public sealed class SqliteRunCensusTests : RunCensusContract
{
    private readonly TemporaryFolder _folder = new();
    private SqliteStorage? _storage;

    protected override ValueTask<(IRunStore, IRunCensus)> Open()
    {
        _storage = _folder.Open();
        return new((_storage.Runs, _storage.Census));
    }

    protected override async ValueTask Close()
    {
        await _storage!.DisposeAsync();
        _folder.Dispose();
    }
}
