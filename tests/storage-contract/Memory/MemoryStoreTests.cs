using GlueOrleans.Grains.Ports;
using GlueOrleans.Tests.StorageContract.Contracts;
using GlueOrleans.Tests.Support;

namespace GlueOrleans.Tests.StorageContract.Memory;

public sealed class MemoryRunStoreTests : RunStoreContract
{
    protected override ValueTask<IRunStore> Open() => new(new MemoryRunStore());

    protected override ValueTask Close() => ValueTask.CompletedTask;
}

public sealed class MemoryJobIndexTests : JobIndexContract
{
    protected override ValueTask<IJobIndex> Open() => new(new MemoryJobIndex());

    protected override ValueTask Close() => ValueTask.CompletedTask;
}

public sealed class MemoryBookmarkStoreTests : BookmarkStoreContract
{
    protected override ValueTask<(IRunStore, IBookmarkStore)> Open()
    {
        var runs = new MemoryRunStore();
        return new((runs, runs.Bookmarks));
    }

    protected override ValueTask Close() => ValueTask.CompletedTask;
}
