using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Tests.Support;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.StorageContract.Contracts;

/// <summary>What every <see cref="IExecutorNodes"/> that has leases does. The store's clock is its own; a test lets its time
/// pass with <see cref="Pass"/>.</summary>
public abstract class ExecutorNodesContract : IAsyncLifetime
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    protected IExecutorNodes Nodes { get; set; } = null!;

    protected IUpkeepLease Upkeep { get; set; } = null!;

    protected IRunStore Runs { get; set; } = null!;

    public abstract ValueTask InitializeAsync();

    public abstract ValueTask DisposeAsync();

    /// <summary>Makes all leases as much older.</summary>
    protected abstract Task Pass(TimeSpan time);

    [Fact]
    public async Task A_new_node_begins_with_epoch_1_and_can_be_placed_on()
    {
        var lease = await Nodes.Acquire(Of("a") with { MaxRuns = 4, Dpus = 2.5 });

        Assert.Equal(new LeaseAnswer(new ExecutorTenure("a", 1)), lease);
        Assert.Equal([new ExecutorNode(new ExecutorTenure("a", 1), IsAccepting: true, 4, 2.5)], await Nodes.ListLive());
    }

    [Fact]
    public async Task A_restarted_process_goes_on_under_the_same_epoch_and_the_one_before_cannot_renew()
    {
        var first = await Nodes.Acquire(Of("a", holder: "process 1"));

        var second = await Nodes.Acquire(Of("a", holder: "process 2"));

        Assert.Equal(new LeaseAnswer(first.Tenure, IsContinued: true), second);
        Assert.False(await Nodes.Renew(first.Tenure!, Of("a", holder: "process 1")));
        Assert.True(await Nodes.Renew(first.Tenure!, Of("a", holder: "process 2")));
    }

    [Fact]
    public async Task Another_folder_does_not_get_the_name_while_the_lease_lasts()
    {
        await Nodes.Acquire(Of("a", folder: "one"));

        var refused = await Nodes.Acquire(Of("a", folder: "two"));

        Assert.Null(refused.Tenure);
        Assert.InRange(refused.TakenFor, TimeSpan.FromSeconds(1), Lease);
        await Pass(Lease);
        Assert.Equal(new ExecutorTenure("a", 2), (await Nodes.Acquire(Of("a", folder: "two"))).Tenure);
    }

    [Fact]
    public async Task Renewing_makes_it_last_from_now_on_and_says_what_has_changed()
    {
        var tenure = (await Nodes.Acquire(Of("a"))).Tenure!;
        await Pass(TimeSpan.FromSeconds(20));

        Assert.True(await Nodes.Renew(tenure, Of("a") with { IsAccepting = false, MaxRuns = 7 }));

        await Pass(TimeSpan.FromSeconds(20));
        Assert.Equal([new ExecutorNode(tenure, IsAccepting: false, 7, 0)], await Nodes.ListLive());
    }

    [Fact]
    public async Task What_has_run_out_is_not_live_and_cannot_be_renewed_and_comes_back_under_the_next_epoch()
    {
        var tenure = (await Nodes.Acquire(Of("a"))).Tenure!;
        await Pass(Lease);

        Assert.Empty(await Nodes.ListLive());
        Assert.False(await Nodes.Renew(tenure, Of("a")));
        Assert.Equal(new LeaseAnswer(new ExecutorTenure("a", 2)), await Nodes.Acquire(Of("a")));
    }

    [Fact]
    public async Task A_node_is_declared_lost_once_and_only_when_its_lease_has_run_out()
    {
        var lost = (await Nodes.Acquire(Of("a"))).Tenure!;
        await Pass(TimeSpan.FromSeconds(20));
        await Nodes.Acquire(Of("b"));
        await Pass(TimeSpan.FromSeconds(15));

        Assert.Equal([lost], await Nodes.FenceExpired());
        Assert.Empty(await Nodes.FenceExpired());
        Assert.False(await Nodes.Renew(lost, Of("a")));
        Assert.True((await Nodes.Acquire(Of("a"))).Tenure!.Epoch > lost.Epoch);
    }

    [Fact]
    public async Task Stranded_are_the_unfinished_runs_of_earlier_epochs_page_by_page()
    {
        var tenure = (await Nodes.Acquire(Of("a"))).Tenure!;
        var other = (await Nodes.Acquire(Of("b"))).Tenure!;
        await Place(1, "jr_1", JobRunState.Running, tenure);
        await Place(2, "jr_2", JobRunState.Stopping, tenure);
        await Place(3, "jr_3", JobRunState.Succeeded, tenure);
        await Place(4, "jr_4", JobRunState.Waiting, null);
        Assert.Empty(await Nodes.ListStranded(null, 10));

        await Pass(TimeSpan.FromSeconds(20));
        Assert.True(await Nodes.Renew(other, Of("b")));
        await Pass(TimeSpan.FromSeconds(15));
        await Place(5, "jr_5", JobRunState.Running, other);
        Assert.Equal([tenure], await Nodes.FenceExpired());
        await Place(6, "jr_6", JobRunState.Starting, tenure); // written late
        await Place(7, "jr_7", JobRunState.Running, (await Nodes.Acquire(Of("a"))).Tenure!);

        Assert.Equal(
            [new StrandedRun("jr_1", tenure), new StrandedRun("jr_2", tenure)],
            await Nodes.ListStranded(null, 2)
        );
        Assert.Equal([new StrandedRun("jr_6", tenure)], await Nodes.ListStranded("jr_2", 2));
    }

    [Fact]
    public async Task One_holder_does_the_upkeep_until_its_lease_has_run_out()
    {
        Assert.True(await Upkeep.TryHold("one", Lease));
        Assert.False(await Upkeep.TryHold("two", Lease));
        await Pass(TimeSpan.FromSeconds(20));
        Assert.True(await Upkeep.TryHold("one", Lease));
        await Pass(TimeSpan.FromSeconds(20));
        Assert.False(await Upkeep.TryHold("two", Lease));
        await Pass(TimeSpan.FromSeconds(10));
        Assert.True(await Upkeep.TryHold("two", Lease));
        Assert.False(await Upkeep.TryHold("one", Lease));
    }

    /// <summary>As one does that is stopped.</summary>
    [Fact]
    public async Task An_upkeep_that_is_held_for_no_time_is_another_ones_at_once()
    {
        Assert.True(await Upkeep.TryHold("one", Lease));
        await Upkeep.TryHold("one", TimeSpan.Zero);

        Assert.True(await Upkeep.TryHold("two", Lease));
        Assert.False(await Upkeep.TryHold("one", TimeSpan.Zero));
    }

    [Fact]
    public async Task Of_many_at_once_one_does_the_upkeep()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Upkeep.TryHold($"silo {i}", Lease)));

        Assert.Single(answers, held => held);
    }

    private static LeaseRequest Of(string node, string folder = "folder", string holder = "holder") =>
        new(node, folder, holder, IsAccepting: true, MaxRuns: 0, Dpus: 0, Lease);

    private async Task Place(long ordinal, string id, JobRunState state, ExecutorTenure? executor) =>
        Assert.Equal(
            CreateResult.Created,
            await Runs.TryCreate(
                ARun().WithOrdinal(ordinal).WithId(id).InState(state).With(run => run with { Executor = executor })
            )
        );
}
