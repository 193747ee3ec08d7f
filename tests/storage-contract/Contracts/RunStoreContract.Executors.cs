using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Tests.Support;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Contracts;

/// <summary>On which executor nodes runs are placed.</summary>
public abstract partial class RunStoreContract
{
    private static readonly ExecutorTenure Here = new("node-1", 3);

    [Fact]
    public async Task Where_a_run_is_placed_is_kept_and_can_change()
    {
        RunRecord waiting = await Create(ARun());
        var placed = waiting.MovedTo(JobRunState.Starting) with { Executor = Here };
        Assert.Equal(SaveResult.Saved, await Store.SaveIfUnchanged(placed, waiting.Version));
        AssertSame(placed, await Load(placed));

        var back = placed.MovedTo(JobRunState.Waiting) with { Executor = null };
        Assert.Equal(SaveResult.Saved, await Store.SaveIfUnchanged(back, placed.Version));
        AssertSame(back, await Load(back));
    }

    [Fact]
    public async Task A_waiting_run_is_placed_nowhere() =>
        await Assert.ThrowsAsync<ArgumentException>(() =>
            Store.TryCreate(ARun().With(run => run with { Executor = Here }))
        );

    [Fact]
    public async Task The_executors_roster_names_the_runs_that_hold_a_slot_on_a_node()
    {
        var running = await Create(On(Here, 1, JobRunState.Running, "jr_1"));
        var stopping = await Create(On(new ExecutorTenure("node-2", 1), 2, JobRunState.Stopping, "jr_2"));
        await Create(On(Here, 3, JobRunState.Succeeded, "jr_3"));
        await Create(ARun().WithOrdinal(4));
        await Create(ARun().WithOrdinal(5).InState(JobRunState.Running));

        Assert.Equal(
            [new ExecutorHolder("jr_1", Here, 1), new ExecutorHolder("jr_2", new ExecutorTenure("node-2", 1), 1)],
            (await Store.LoadExecutorRoster()).OrderBy(holder => holder.RunId, StringComparer.Ordinal)
        );
        Assert.Equal([Here, new ExecutorTenure("node-2", 1)], [running.Executor!, stopping.Executor!]);
    }

    [Fact]
    public async Task The_unfinished_runs_of_a_node_are_listed_page_by_page()
    {
        await Create(On(Here, 1, JobRunState.Running, "jr_b"));
        await Create(On(Here with { Epoch = 4 }, 2, JobRunState.Starting, "jr_a"));
        await Create(On(Here, 3, JobRunState.Failed, "jr_c"));
        await Create(On(new ExecutorTenure("node-10", 3), 4, JobRunState.Running, "jr_d"));
        await Create(On(Here, 5, JobRunState.Stopping, "jr_e"));

        Assert.Equal(
            [
                new PlacedRun("jr_a", JobRunState.Starting, Here with { Epoch = 4 }),
                new PlacedRun("jr_b", JobRunState.Running, Here),
            ],
            await Store.ListByExecutor("node-1", null, 2)
        );
        Assert.Equal(
            [new PlacedRun("jr_e", JobRunState.Stopping, Here)],
            await Store.ListByExecutor("node-1", "jr_b", 2)
        );
        Assert.Empty(await Store.ListByExecutor("node-3", null, 2));
    }

    private static RunRecord On(ExecutorTenure executor, long ordinal, JobRunState state, string id) =>
        ARun().WithOrdinal(ordinal).WithId(id).InState(state).With(run => run with { Executor = executor });
}
