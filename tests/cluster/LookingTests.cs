using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Runs;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

/// <summary>Whoever looks at runs costs the store nothing while they are going, and sees what is committed all the same.</summary>
public sealed class LookingTests : GlueCluster
{
    [Fact]
    public async Task A_run_that_is_going_is_shown_without_a_look_at_the_table()
    {
        await CreateJob();
        var runId = await StartRunning();
        var before = Store.Looks;

        for (var i = 0; i < 10; i++)
            Assert.Equal(JobRunState.Running, (await Read(runId)).State);

        Assert.Equal(before, Store.Looks);
    }

    [Fact]
    public async Task A_run_is_taken_up_without_a_look_at_the_table()
    {
        await CreateJob();
        var before = Store.Looks;

        var runId = await Start(JobName, new StartRun { InvocationId = "0a1b", IsFirstTry = true });
        await Executor.Next(Asked.Launch);
        await Launched(runId);

        Assert.Equal(before, Store.Looks);
    }

    [Fact]
    public async Task The_silo_shows_a_run_from_its_begin_to_its_end()
    {
        await CreateJob();
        var runId = await Start();
        await Executor.Next(Asked.Launch);
        Assert.Equal(JobRunState.Starting, Shown(runId)?.State);

        await Launched(runId);
        Assert.Equal(await Row(runId), Shown(runId));

        await Exited(runId);
        Assert.Null(Shown(runId));
    }

    [Theory]
    [InlineData(Fault.BeforeWriting)]
    [InlineData(Fault.AfterWriting)]
    internal async Task The_silo_does_not_show_a_run_of_which_a_write_is_in_doubt(Fault fault)
    {
        await CreateJob();
        var runId = await StartRunning();
        Store.FailNextSave(fault);
        await Assert.ThrowsAnyAsync<Exception>(() => Exited(runId));

        Assert.Null(Shown(runId));
    }

    [Fact]
    public async Task A_write_under_way_is_not_seen_and_keeps_nobody_waiting()
    {
        await CreateJob();
        var runId = await StartRunning();
        var (reached, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        Store.Pause = () =>
        {
            reached.TrySetResult();
            return goOn.Task;
        };
        var exit = Exited(runId);
        await reached.Task;

        Assert.Equal(JobRunState.Running, (await Read(runId)).State);

        Store.Pause = () => Task.CompletedTask;
        goOn.SetResult();
        await exit;
        Assert.Equal(JobRunState.Succeeded, (await Read(runId)).State);
    }

    [Theory]
    [InlineData(Fault.BeforeWriting, JobRunState.Running)]
    [InlineData(Fault.AfterWriting, JobRunState.Succeeded)]
    internal async Task A_write_in_doubt_is_looked_up_in_the_table(Fault fault, JobRunState then)
    {
        await CreateJob();
        var runId = await StartRunning();
        Store.FailNextSave(fault);
        await Assert.ThrowsAnyAsync<Exception>(() => Exited(runId));

        Assert.Equal(then, (await Read(runId)).State);
    }

    /// <summary>Its silo has gone with all others, and nobody has started a run since.</summary>
    [Fact]
    public async Task A_job_that_has_come_up_again_learns_from_the_table_which_runs_are_going()
    {
        await CreateJob();
        var runId = await StartRunning();
        await KillAll();
        await Sweeps();

        Assert.Equal(JobRunState.Running, (await Read(runId)).State);
        var before = Store.Looks;
        Assert.Equal(JobRunState.Running, (await Read(runId)).State);
        Assert.Equal(before, Store.Looks);

        await Exited(runId);
        Assert.Equal(JobRunState.Succeeded, (await Read(runId)).State);
    }

    private RunRecord? Shown(string runId) =>
        Cluster.GetSiloServiceProvider().GetRequiredService<LiveRuns>().Find(runId);

    [Fact]
    public async Task Another_jobs_run_is_not_shown()
    {
        await CreateJob();
        await CreateJob("weekly", Shell);
        var runId = await StartRunning();
        await Read(runId);

        Assert.True((await Grain("weekly").GetRun(runId)).IsRefused);
    }

    [Fact]
    public async Task A_run_that_waits_takes_no_grain_and_begins_all_the_same()
    {
        await CreateJob(JobName, Shell with { JobRunQueuingEnabled = true });
        var first = await StartRunning();
        var waits = await Start();
        Assert.Equal(JobRunState.Waiting, (await Read(waits)).State);

        var management = Cluster.Client.GetGrain<IManagementGrain>(0);
        Assert.NotNull(await management.GetActivationAddress(Run(first)));
        Assert.Null(await management.GetActivationAddress(Run(waits)));

        await Exited(first);
        await Reaches(waits, JobRunState.Starting);
    }
}
