using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Upkeep;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

/// <summary>What becomes of the runs of a node whose lease has run out.</summary>
public sealed class ExecutorLossTests() : GlueCluster(silos: 2)
{
    protected override void Configure(IServiceCollection services) =>
        services.Configure<UpkeepOptions>(options => options.BatchSize = 2);

    [Fact]
    public async Task Its_runs_end_those_of_others_go_on_and_a_retry_starts_elsewhere()
    {
        await OneNode("lost");
        await CreateJob(JobName, Shell with { MaxRetries = 1 }, maxConcurrentRuns: 2);
        await CreateJob("other", Shell with { MaxRetries = 1 }, maxConcurrentRuns: 9);
        var running = await StartRunning();
        var stopping = await StartRunning();
        await Job.StopRuns([stopping]);
        Assert.True((await Job.StartRun(new StartRun())).IsRefused);
        await AddNode("good", maxRuns: 9);
        Nodes.Expire("lost");
        Clock.Advance(TimeSpan.FromSeconds(3));
        var elsewhere = await Start("other");
        Assert.Equal("good", (await Row(elsewhere))!.Executor!.Node);

        await Perform<ExecutorReaper>();

        var failed = await Reaches(running, JobRunState.Failed);
        Assert.Equal(
            "The executor node 'lost' that the run was on was lost: it did not renew its lease.",
            failed.ErrorMessage
        );
        Assert.Equal("lost", failed.Executor!.Node);
        Assert.Equal(JobRunState.Stopped, (await Reaches(stopping, JobRunState.Stopped)).State);
        Assert.Equal(JobRunState.Starting, (await Row(elsewhere))!.State);
        Assert.False((await Job.StartRun(new StartRun())).IsRefused);

        Clock.Advance(failed.SuccessorDueAt!.Value - Now);
        await Job.Tend();
        Assert.Equal("good", (await Reaches($"{running}_attempt_1", JobRunState.Starting)).Executor!.Node);
    }

    [Fact]
    public async Task What_a_lost_tenure_reports_is_not_believed_and_the_next_one_takes_runs_again()
    {
        await OneNode("a");
        await CreateJob(maxConcurrentRuns: 9);
        var lost = (await Row(await Start()))!;
        Nodes.Expire("a");
        await Perform<ExecutorReaper>();
        await Reaches(lost.Id, JobRunState.Failed);

        var tenure = await AddNode("a", maxRuns: 1);
        Assert.True(tenure.Epoch > lost.Executor!.Epoch);
        // The list of nodes is as old as it may be.
        Clock.Advance(TimeSpan.FromSeconds(3));
        var next = (await Row(await Start()))!;
        Assert.Equal(tenure, next.Executor);
        await Run(next.Id)
            .Report(
                new RunReport.Exited
                {
                    At = Now,
                    ExitCode = 0,
                    Executor = lost.Executor,
                }
            );

        Assert.Equal(JobRunState.Starting, (await Row(next.Id))!.State);
        Assert.Equal(JobRunState.Failed, (await Row(lost.Id))!.State);
    }

    [Fact]
    public async Task A_run_that_cannot_be_told_keeps_no_other_and_is_told_in_the_next_round()
    {
        await OneNode("lost");
        await CreateJob(maxConcurrentRuns: 9);
        List<string> runs = [];
        for (var i = 0; i < 5; i++)
            runs.Add(await Start());
        runs.Sort(StringComparer.Ordinal);
        Nodes.Expire("lost");
        Post = method => Task.FromResult(method != nameof(IJobGrain.SlotFreed));
        Store.FailNextSave(Fault.BeforeWriting);

        await Perform<ExecutorReaper>();
        Assert.Equal(4, runs.Count(id => Row(id).Result!.State == JobRunState.Failed));

        await Perform<ExecutorReaper>();
        Assert.All(runs, id => Assert.Equal(JobRunState.Failed, Row(id).Result!.State));
    }

    [Fact]
    public async Task Runs_are_found_whoever_declared_their_node_lost()
    {
        await OneNode("lost");
        await CreateJob();
        var run = await StartRunning();
        Nodes.Expire("lost");
        await Nodes.FenceExpired(); // and died

        await Perform<ExecutorReaper>();

        await Reaches(run, JobRunState.Failed);
    }

    private async Task<ExecutorTenure> OneNode(string name)
    {
        Nodes.Expire("local");
        return await AddNode(name);
    }
}
