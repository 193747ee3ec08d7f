using GlueOrleans.Grains.Ports;
using GlueOrleans.Tests.StorageContract.Contracts;
using GlueOrleans.Tests.Support;
using Microsoft.Extensions.Time.Testing;

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

public sealed class MemoryExecutorNodesTests : ExecutorNodesContract
{
    private readonly FakeTimeProvider _clock = new();

    public override ValueTask InitializeAsync()
    {
        Runs = new MemoryRunStore();
        var nodes = new MemoryExecutorNodes(_clock, Runs);
        (Nodes, Upkeep) = (nodes, nodes);
        return ValueTask.CompletedTask;
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected override Task Pass(TimeSpan time)
    {
        _clock.Advance(time);
        return Task.CompletedTask;
    }
}
