using System.Text.Json;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Tests.Support;
using Xunit;

namespace GlueOrleans.Tests.StorageContract.Contracts;

/// <summary>What every <see cref="IRunStore"/> does. Derived once for each; every test has an empty store.</summary>
public abstract partial class RunStoreContract : IAsyncLifetime
{
    protected IRunStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Store = await Open();

    public async ValueTask DisposeAsync()
    {
        await Close();
        GC.SuppressFinalize(this);
    }

    protected abstract ValueTask<IRunStore> Open();

    protected abstract ValueTask Close();

    private async Task<RunRecord> Create(RunRecord run)
    {
        Assert.Equal(CreateResult.Created, await Store.TryCreate(run));
        return run;
    }

    private async Task<RunRecord> Load(RunRecord run) =>
        await Store.Find(run.Id) ?? throw new InvalidOperationException($"There is no run '{run.Id}'.");

    /// <summary>By value, as JSON: records that hold dictionaries compare those by reference.</summary>
    private static void AssertSame(RunRecord expected, RunRecord? actual) =>
        Assert.Equal(JsonSerializer.Serialize(expected), JsonSerializer.Serialize(actual));
}
