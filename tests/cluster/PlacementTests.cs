using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using Orleans.Core.Internal;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

/// <summary>On which executor node a run is placed, and what becomes of it when there is no room.</summary>
public sealed class PlacementTests() : GlueCluster(silos: 2)
{
    private static readonly JobSettings Queued = Shell with { JobRunQueuingEnabled = true };
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Runs_are_spread_over_the_nodes_and_one_too_many_is_refused_at_once()
    {
        await OnlyNodes(("a", 2, 0), ("b", 2, 0));
        await CreateJob(maxConcurrentRuns: 10);

        var nodes = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ => await NodeOf(await Start())));
        var refusal = (await Job.StartRun(new StartRun())).Refusal!;

        Assert.Equal(["a", "a", "b", "b"], nodes.Order());
        Assert.Equal(RefusalKind.ResourceNumberLimitExceeded, refusal.Kind);
        Assert.Equal(
            "Resource unavailable: none of 2 nodes has room for a run of 0.0625 DPUs (Executor:MaxRuns, Executor:Dpus).",
            refusal.Message
        );
    }

    [Fact]
    public async Task DPUs_bound_a_node_as_well()
    {
        await OnlyNodes(("a", 0, 4), ("b", 0, 2));
        await CreateJob(JobName, Spark, maxConcurrentRuns: 10); // of 2 DPUs

        var nodes = new List<string>();
        for (var i = 0; i < 3; i++)
            nodes.Add(await NodeOf(await Start()));

        Assert.Equal(["a", "a", "b"], nodes.Order());
        Assert.True((await Job.StartRun(new StartRun())).IsRefused);
    }

    [Fact]
    public async Task Without_a_node_the_caller_is_told_what_is_missing()
    {
        await OnlyNodes();
        await CreateJob();

        Assert.Contains(
            "Start a silo with the role executor",
            (await Job.StartRun(new StartRun())).Refusal?.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_queued_run_waits_says_so_and_starts_when_another_ends()
    {
        await OnlyNodes(("a", 1, 0));
        await CreateJob(JobName, Queued, maxConcurrentRuns: 10);
        var first = await Start();
        var second = await Start();
        var third = await Start();
        var row = await Row(second);
        Assert.Equal((JobRunState.Waiting, null), (row!.State, row.Executor));
        Assert.StartsWith("Waiting for an executor: none of 1 node ", row.StateDetail, StringComparison.Ordinal);

        await Exited(first);
        Assert.Equal("a", (await Reaches(second, JobRunState.Starting)).Executor?.Node);
        await Exited(second);
        await Reaches(third, JobRunState.Starting);
    }

    [Fact]
    public async Task Runs_that_wait_start_when_a_node_joins()
    {
        await OnlyNodes();
        await CreateJob(JobName, Queued, maxConcurrentRuns: 10);
        var runs = new[] { await Start(), await Start(), await Start() };

        await AddNode("late", maxRuns: 2);
        Clock.Advance(LookPeriod);

        await Reaches(runs[0], JobRunState.Starting);
        await Reaches(runs[1], JobRunState.Starting);
        Assert.Equal(JobRunState.Waiting, (await Row(runs[2]))!.State);
    }

    [Fact]
    public async Task A_node_that_drains_or_cannot_be_reached_gets_nothing()
    {
        await OnlyNodes(("drains", 0, 0), ("away", 0, 0), ("good", 1, 0));
        await Drain(new ExecutorTenure("drains", 1));
        Reach.CutOff("away");
        await CreateJob(maxConcurrentRuns: 10);

        Assert.Equal("good", await NodeOf(await Start()));
        Assert.True((await Job.StartRun(new StartRun())).IsRefused);
    }

    [Fact]
    public async Task A_run_too_large_for_every_node_keeps_nobody_waiting_and_starts_when_a_large_one_joins()
    {
        await OnlyNodes(("small", 0, 1));
        await CreateJob("large", Spark with { JobRunQueuingEnabled = true });
        await CreateJob("other", Queued);
        var large = await Start("large");
        Assert.Equal(JobRunState.Waiting, (await Row(large))!.State);

        Assert.Equal("small", await NodeOf(await Start("other")));

        await AddNode("large", dpus: 2);
        await Sweeps();
        Assert.Equal("large", await NodeOf(large));
    }

    [Fact]
    public async Task Who_has_waited_longest_comes_first_whatever_its_job_and_account()
    {
        await OnlyNodes(("a", 1, 0));
        JobKey[] jobs = [new(Account, "x"), new(Account, "y"), new("111111111111", "x")];
        foreach (var job in jobs)
            await CreateJob(job, Queued, maxConcurrentRuns: 10);
        List<string> runs = [];
        foreach (var job in (int[])[0, 1, 2, 0, 0, 2, 1, 2])
        {
            Clock.Advance(TimeSpan.FromMilliseconds(10));
            runs.Add((await Grain(jobs[job]).StartRun(new StartRun())).Value!);
        }

        foreach (var run in runs)
        {
            await Reaches(run, JobRunState.Starting);
            Assert.Single(runs, id => Row(id).Result!.State.HoldsSlot());
            await Exited(run);
        }
    }

    [Fact]
    public async Task A_large_run_is_not_passed_for_ever_by_small_ones_of_another_account()
    {
        await OnlyNodes(("a", 0, 2));
        var small = new JobKey("111111111111", "small");
        await CreateJob(small, Shell, maxConcurrentRuns: 100);
        await CreateJob("large", Spark with { JobRunQueuingEnabled = true });
        var inTheWay = (await Grain(small).StartRun(new StartRun())).Value!;
        var large = await Start("large");
        Clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True((await Grain(small).StartRun(new StartRun())).IsRefused);

        await Exited(inTheWay);
        await Reaches(large, JobRunState.Starting);
    }

    [Fact]
    public async Task The_loss_of_the_pool_costs_neither_room_nor_those_that_wait()
    {
        await OnlyNodes(("a", 2, 0));
        await CreateJob(JobName, Queued, maxConcurrentRuns: 10);
        var first = await Start();
        var second = await Start();
        var third = await Start();

        await Cluster
            .Client.GetGrain<IExecutorPoolGrain>(IExecutorPoolGrain.Key)
            .Cast<IGrainManagementExtension>()
            .DeactivateOnIdle();
        Assert.Equal(JobRunState.Waiting, (await Row(await Start()))!.State);
        await Exited(first);
        await Sweeps();

        await Reaches(third, JobRunState.Starting);
        Assert.Equal(JobRunState.Starting, (await Row(second))!.State);
    }

    [Fact]
    public async Task A_run_that_its_node_has_no_room_for_waits_and_goes_elsewhere()
    {
        await OnlyNodes(("a", 0, 0), ("b", 0, 0));
        await CreateJob(JobName, Queued, maxConcurrentRuns: 10);
        var run = (await Row(await Start()))!;

        await Run(run.Id)
            .Report(
                new RunReport.NoRoom
                {
                    At = Now,
                    Limit = "full",
                    Version = run.Version,
                    Executor = run.Executor,
                }
            );
        Assert.Equal((JobRunState.Waiting, null), ((await Row(run.Id))!.State, (await Row(run.Id))!.Executor));
        await Sweeps();

        var again = await Reaches(run.Id, JobRunState.Starting);
        Assert.NotEqual(run.Executor, again.Executor);
    }

    /// <summary>Nobody tells the pool that it has ended; the table does.</summary>
    [Fact]
    public async Task Room_is_there_the_moment_a_run_reads_terminal_even_if_nobody_says_so()
    {
        await OnlyNodes(("a", 1, 0));
        await CreateJob(JobName, Shell, maxConcurrentRuns: 10);
        Post = method =>
            Task.FromResult(method is not (nameof(IJobGrain.SlotFreed) or nameof(IExecutorPoolGrain.Release)));
        for (var i = 0; i < 3; i++)
            await Exited(await Start());
    }

    private async Task OnlyNodes(params (string Name, int MaxRuns, double Dpus)[] nodes)
    {
        Nodes.Expire("local");
        foreach (var (name, maxRuns, dpus) in nodes)
            await AddNode(name, maxRuns, dpus);
    }

    private async Task<string> NodeOf(string runId) => (await Row(runId))!.Executor!.Node;
}
