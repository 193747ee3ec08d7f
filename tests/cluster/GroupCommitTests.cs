using System.Collections.Concurrent;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

/// <summary>Grains over a store that commits what is waiting together, and loses whole batches.</summary>
public sealed class GroupCommitTests() : GlueCluster(silos: 2)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Starts_of_one_job_at_once_are_one_commit()
    {
        await CreateJob(maxConcurrentRuns: 1000);
        await Start();
        var open = new TaskCompletionSource();
        var commits = Store.Commits = new GroupCommits(_ => GroupFault.None) { Gate = open.Task };

        var starts = Enumerable.Range(0, 64).Select(_ => Start()).ToList();
        await commits.UntilWaiting(64);
        open.SetResult();

        Assert.Equal(64, (await Task.WhenAll(starts)).Distinct().Count());
        Assert.Equal(64, commits.Sizes[0]);
    }

    [Theory]
    [InlineData((int)GroupFault.BeforeWriting)]
    [InlineData((int)GroupFault.AfterWriting)]
    [InlineData((int)GroupFault.Late)]
    [InlineData((int)GroupFault.Stuck)]
    public async Task No_acknowledged_run_is_lost_or_doubled_and_nobody_waits_for_ever(int fault)
    {
        const int slots = 200;
        string[] jobs = ["hot", "a", "b", "c"];
        foreach (var job in jobs)
            await CreateJob(job, Shell, slots);
        Store.Commits = new GroupCommits(number => number % 3 == 0 ? (GroupFault)fault : GroupFault.None);

        var calls = Enumerable
            .Range(0, 160)
            .Select(i =>
                (Job: i % 2 == 0 ? "hot" : jobs[1 + (i / 2 % 3)], Call: new StartRun { InvocationId = $"{i}" })
            );
        var acknowledged = await Task.WhenAll(calls.Select(start => UntilAcknowledged(start.Job, start.Call)))
            .WaitAsync(Patience, TimeProvider.System);

        // Each call has its one run, and there are no others.
        Assert.Equal(160, acknowledged.Distinct().Count());
        Store.Commits = null;
        var rows = new List<RunRecord>();
        foreach (var job in jobs)
            rows.AddRange((await Grain(job).ListRuns(null, 1000)).Value!);
        Assert.Equal(acknowledged.Order(), rows.Select(row => row.Id).Order());
        await UntilLaunched(acknowledged);
    }

    /// <summary>The slot of a run that may yet come is not given to another.</summary>
    [Theory]
    [InlineData((int)GroupFault.BeforeWriting)]
    [InlineData((int)GroupFault.AfterWriting)]
    [InlineData((int)GroupFault.Late)]
    [InlineData((int)GroupFault.Stuck)]
    public async Task A_lost_batch_lets_no_more_runs_in_than_the_job_may_have(int fault)
    {
        const int limit = 3;
        await CreateJob(maxConcurrentRuns: limit);
        var holders = new ConcurrentDictionary<string, bool>();
        var most = 0;
        Store.Written = (_, now) =>
        {
            if (now.State.HoldsSlot())
                holders[now.Id] = true;
            else
                holders.TryRemove(now.Id, out var _);
            most = Math.Max(most, holders.Count);
        };
        Store.Commits = new GroupCommits(number => number % 2 == 1 ? (GroupFault)fault : GroupFault.None);

        for (var round = 0; round < 10; round++)
        {
            var starts = Enumerable.Range(0, 8).Select(_ => TryStart(JobName, new StartRun()));
            await Task.WhenAll(starts).WaitAsync(Patience, TimeProvider.System);
            foreach (var runId in holders.Keys.ToList())
                await UntilStored(() => Exited(runId));
        }

        Assert.InRange(most, 1, limit);
    }

    /// <summary>A stall of the store, which ends with the callers told that it is away; they call again.</summary>
    [Theory]
    [InlineData((int)GroupFault.Late)]
    [InlineData((int)GroupFault.Stuck)]
    public async Task A_run_whose_row_comes_after_its_grain_has_looked_for_it_is_launched_all_the_same(int fault)
    {
        await CreateJob();
        Store.Commits = new GroupCommits(number => number == 1 ? (GroupFault)fault : GroupFault.None);
        var call = new StartRun { InvocationId = "0a1b" };

        await Assert.ThrowsAsync<StoreUnavailableException>(() => Job.StartRun(call));
        // It would be written with the next batch, somebody else's.
        await CreateJob("other", Shell);
        await Start("other");
        var runId = await Start(JobName, call);

        await UntilLaunched([runId]);
    }

    /// <summary>As an SDK does: the same call again, whatever the failure.</summary>
    private async Task<string> UntilAcknowledged(string job, StartRun call)
    {
        while (true)
        {
            if (await TryStart(job, call) is { } runId)
                return runId;
        }
    }

    private async Task<string?> TryStart(string job, StartRun call)
    {
        try
        {
            return (await Grain(job).StartRun(call)).Value;
        }
        catch (Exception e) when (e is StoreUnavailableException or InvalidOperationException)
        {
            return null;
        }
    }

    private static async Task UntilStored(Func<Task> report)
    {
        while (true)
        {
            try
            {
                await report();
                return;
            }
            catch (StoreUnavailableException) { }
        }
    }

    private async Task UntilLaunched(IEnumerable<string> runIds)
    {
        var missing = runIds.ToHashSet();
        missing.ExceptWith(Executor.All.Where(asked => asked.Asked == Asked.Launch).Select(asked => asked.RunId));
        using var patience = new CancellationTokenSource(Patience);
        while (missing.Count > 0 && await Executor.TryNext(patience.Token) is { } request)
            missing.Remove(request.RunId);
        Assert.Empty(missing);
    }
}
