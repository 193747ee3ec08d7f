using System.Collections.Concurrent;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Executors;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Xunit;
using static GlueOrleans.Tests.Support.RunBuilder;

namespace GlueOrleans.Tests.Cluster;

/// <summary>Two silos, each an executor node that bears its name.</summary>
public sealed class ExecutorRoutingTests() : GlueCluster(silos: 2)
{
    private readonly ConcurrentDictionary<string, ScriptedExecutor> _executors = new();
    private readonly ConcurrentDictionary<string, ExecutorTenure> _tenures = new();

    protected override void Configure(IServiceCollection services, string silo)
    {
        var executor = _executors.GetOrAdd(silo, _ => new ScriptedExecutor());
        services.AddSingleton<INodeExecutor>(executor);
        services.AddSingleton<INodeLogs>(new LogsOf(silo));
        services.AddExecutorRouting(silo);
        services.AddHostedService<ExecutorPull>();
        // The upkeep is said to be somebody else's: after ten seconds it would end the runs of nodes that have no lease here.
        Nodes.TryHold("nobody", TimeSpan.FromDays(365));
    }

    [Fact]
    public async Task A_run_is_launched_and_stopped_by_the_node_that_it_is_placed_on()
    {
        await NodesTakeOneRunEach();
        await CreateJob(maxConcurrentRuns: 2);
        var runs = new[] { await Start(), await Start() };

        foreach (var node in _executors.Values)
            await node.Next(Asked.Launch);
        foreach (var runId in runs)
            Assert.Equal([(Asked.Launch, runId)], (await ExecutorOf(runId)).All);

        foreach (var runId in runs)
        {
            await Launched(runId);
            await Run(runId).RequestStop();
            Assert.Contains((Asked.Stop, runId), (await ExecutorOf(runId)).All);
        }
    }

    [Fact]
    public async Task A_log_is_read_by_the_node_that_has_it()
    {
        foreach (var silo in _executors.Keys)
        {
            var run = await Placed(new ExecutorTenure(silo, 1));
            for (var i = 0; i < 5; i++) // wherever the reader is
                Assert.Equal([$"of {silo}"], (await Log(run.Id))!.Events.Select(line => line.Text));
        }
    }

    [Fact]
    public async Task A_log_of_a_node_that_is_away_is_not_said_to_be_empty()
    {
        var run = await Placed(new ExecutorTenure("away", 1));

        var away = await Assert.ThrowsAsync<ExecutorUnreachableException>(() => Log(run.Id));

        Assert.Contains("the executor node away, which cannot be reached now", away.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_for_a_node_that_is_away_is_an_error_that_names_it()
    {
        RunRecord run = ARun().InState(JobRunState.Running).With(r => r with { Executor = new("away", 1) });

        var away = await Assert.ThrowsAsync<ExecutorUnreachableException>(() => Router.Stop(run));

        Assert.Contains("The executor node away cannot be reached now", away.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_node_keeps_is_forgotten_by_it_or_with_its_lease()
    {
        var reachable = new ExecutorTenure(_executors.Keys.First(), 1);
        var away = await AddNode("away");

        Assert.True(await Router.Forget("jr_1", reachable));
        Assert.False(await Router.Forget("jr_1", away));
        Assert.True(await Router.Forget("jr_1", new ExecutorTenure("gone", 1)));
    }

    [Fact]
    public async Task A_call_that_was_lost_is_made_up_for_by_the_node()
    {
        await NodesTakeOneRunEach();
        await CreateJob();
        Post = method => Task.FromResult(method is not ("Launch" or "Resume"));
        var runId = await Start();
        var executor = await ExecutorOf(runId);
        // The launch of a run on its own grain's silo is no call that could be lost.
        var seen = executor.All.Count;
        Post = null;

        await TicksUntil(executor, () => executor.All.Count > seen);
        Assert.Equal((Asked.Launch, runId), executor.All[^1]);

        await Launched(runId);
        await TicksUntil(executor, () => executor.All[^1] == (Asked.Resume, runId));
    }

    [Fact]
    public async Task A_node_asks_for_no_run_that_it_observes_nor_for_those_of_an_earlier_epoch()
    {
        var silo = _executors.Keys.First();
        var executor = _executors[silo];
        var observed = await Placed(new ExecutorTenure(silo, 2));
        var old = await Placed(new ExecutorTenure(silo, 1));
        var forgotten = await Placed(new ExecutorTenure(silo, 2));
        executor.Known[observed.Id] = true;
        executor.Tenure = new ExecutorTenure(silo, 2);
        executor.Clear();

        await TicksUntil(executor, () => executor.All.Count(asked => asked == (Asked.Resume, forgotten.Id)) >= 3);

        Assert.DoesNotContain(executor.All, asked => asked.RunId == old.Id);
        Assert.True(executor.All.Count(asked => asked.RunId == observed.Id) <= 1, "more than its activation");
    }

    private IRunExecutor Router =>
        ((InProcessSiloHandle)Cluster.Silos[0]).ServiceProvider.GetRequiredService<IRunExecutor>();

    private async Task NodesTakeOneRunEach()
    {
        Reach.CutOff("local");
        foreach (var (silo, executor) in _executors)
        {
            executor.Tenure = await AddNode(silo, maxRuns: 1);
            _tenures[silo] = executor.Tenure;
        }
    }

    private async Task<ScriptedExecutor> ExecutorOf(string runId) => _executors[(await Row(runId))!.Executor!.Node];

    private int _ordinal;

    private async Task<RunRecord> Placed(ExecutorTenure executor)
    {
        RunRecord run = ARun()
            .WithOrdinal(++_ordinal)
            .InState(JobRunState.Running)
            .With(r => r with { Executor = executor });
        await Store.TryCreate(run);
        return run;
    }

    private Task<RunLogPart?> Log(string runId) =>
        Cluster
            .Client.GetGrain<IRunLogGrain>(runId)
            .Read(TheJob.Account, "/aws-glue/jobs/output", new RunLogRange { MaxEvents = 10, MaxBytes = 1000 });

    /// <summary>Moves the clock, as slowly as the node's looks need, until they have come to what is awaited.</summary>
    private async Task TicksUntil(ScriptedExecutor executor, Func<bool> isSo)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            if (TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromMinutes(3))
                Assert.Fail($"The node did not ask for it by {Now:T}; it asked: {string.Join(", ", executor.All)}.");
            Clock.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }

    private sealed class LogsOf(string silo) : INodeLogs
    {
        public Task<RunLogPart?> Read(RunRecord run, RunLog log, RunLogRange range) =>
            Task.FromResult<RunLogPart?>(
                new RunLogPart
                {
                    Events = [new RunLogEvent(0, $"of {silo}")],
                    Start = 0,
                    End = 1,
                    NotBefore = run.StartedOn,
                    NotAfter = run.StartedOn,
                }
            );
    }
}
