using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Tests.Support;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Contracts;

/// <summary>The count of runs that have not ended, which metrics show.</summary>
public abstract class RunCensusContract : IAsyncLifetime
{
    private IRunStore _store = null!;
    private IRunCensus _census = null!;

    public async ValueTask InitializeAsync() => (_store, _census) = await Open();

    public async ValueTask DisposeAsync()
    {
        await Close();
        GC.SuppressFinalize(this);
    }

    protected abstract ValueTask<(IRunStore, IRunCensus)> Open();

    protected abstract ValueTask Close();

    [Fact]
    public async Task Counts_what_has_not_ended_by_state_and_class_with_its_DPUs()
    {
        var (store, census) = (_store, _census);
        Assert.Empty(await census.Count());
        await Create(store, 1, JobRunState.Running, 2, isFlex: false);
        await Create(store, 2, JobRunState.Running, 0.0625, isFlex: false);
        await Create(store, 3, JobRunState.Running, 4, isFlex: true);
        await Create(store, 4, JobRunState.Stopping, 8, isFlex: false);
        await Create(store, 5, JobRunState.Succeeded, 16, isFlex: false);

        Assert.Equal(
            [
                new CensusLine(JobRunState.Running, IsFlex: false, 2, 2.0625),
                new CensusLine(JobRunState.Running, IsFlex: true, 1, 4),
                new CensusLine(JobRunState.Stopping, IsFlex: false, 1, 8),
            ],
            (await census.Count()).OrderBy(line => line.State).ThenBy(line => line.IsFlex)
        );
    }

    private static async Task Create(IRunStore store, int ordinal, JobRunState state, double dpus, bool isFlex)
    {
        var run = ARun()
            .WithId($"jr_{ordinal}")
            .WithOrdinal(ordinal)
            .InState(state)
            .WithSettings(settings =>
                settings with
                {
                    MaxCapacity = dpus,
                    ExecutionClass = isFlex ? "FLEX" : "STANDARD",
                }
            );
        Assert.Equal(CreateResult.Created, await store.TryCreate(run));
    }
}
