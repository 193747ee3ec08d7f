using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Tests.Cluster;

/// <summary>The end of a course: everything comes to rest, and nothing is left over.</summary>
internal sealed partial class AdmissionCourse
{
    /// <summary>No more faults: everything that goes on has to come to its end.</summary>
    private async Task Settle()
    {
        Note("settle");
        cluster.Store.FailNextCreate(Fault.None);
        cluster.Store.FailNextSave(Fault.None);
        cluster.Post = null;
        DeliverLateMessages();
        await Join();
        for (var round = 0; round < 100 && _referee.Complaints.Count == 0; round++)
        {
            await Sweep();
            _referee.CheckNobodyWasOvertaken();
            foreach (var run in _referee.Unfinished)
            {
                RunReport? report = run.State switch
                {
                    JobRunState.Starting => new RunReport.Launched { At = Now },
                    JobRunState.Running => Exit(0, afterStop: false),
                    JobRunState.Stopping => Exit(143, afterStop: true),
                    _ => null,
                };
                if (report is not null)
                    await Tell(run, report);
            }

            cluster.Clock.Advance(TimeSpan.FromSeconds(11));
            // In this order: a retry is owed until the moment its row is there.
            if (!await AnythingIsOwed() && _referee.Unfinished.Count == 0)
                return;
        }

        foreach (var run in _referee.Complaints.Count == 0 ? _referee.Unfinished : [])
            _referee.Complain($"does not end: {run}");
        if (_referee.Complaints.Count == 0 && await AnythingIsOwed())
            _referee.Complain("a retry is owed and does not come");
    }

    private async Task<bool> AnythingIsOwed()
    {
        foreach (var name in _jobs.Keys)
        {
            if ((await cluster.Store.LoadRoster(KeyOf(name))).Owed.Count > 0)
                return true;
        }

        return false;
    }

    /// <summary>Each job starts as many as it may, and the account gives out all it has.</summary>
    private async Task CheckThatNothingLeaked()
    {
        Note("refill");
        // A look at the queue may be under way, on behalf of a run that was in it a moment ago; this waits for it.
        foreach (var name in _jobs.Keys)
            await cluster.Grain(KeyOf(name)).Tend();
        // What was promised and lost is taken back after a minute.
        cluster.Clock.Advance(TimeSpan.FromMinutes(2));
        await CheckThatNodesAreFree();
        await cluster.AddNode("last");
        foreach (var name in _jobs.Keys)
        {
            if (await cluster.Grain(KeyOf(name)).Find() is not { } job)
                continue;
            var limit = Math.Min(
                job.Settings.ExecutionProperty!.MaxConcurrentRuns!.Value,
                job.Settings.ExecutionClass is null ? 3 : 2
            );
            List<string> runs = [];
            for (var i = 0; i < limit; i++)
            {
                var answer = await cluster.Grain(KeyOf(name)).StartRun(new StartRun());
                if (answer.IsRefused || (await cluster.Row(answer.Value!))!.State != JobRunState.Starting)
                    _referee.Complain(
                        $"{name} starts {i} of {limit}: {answer.Refusal} {(answer.Value is { } id ? await cluster.Row(id) : null)}"
                    );
                else
                    runs.Add(answer.Value!);
            }

            foreach (var run in runs)
                await cluster.Run(run).Report(Exit(0, afterStop: false));
        }

        var capacity = cluster.Cluster.Client.GetGrain<ICapacityGrain>(account);
        await Probe("task", cluster.Limits.TaskDpus, isFlex: false, 1);
        await Probe("flex", cluster.Limits.FlexDpus, isFlex: true, 1);
        await Probe("run", 0.0625, isFlex: false, cluster.Limits.ConcurrentRuns);

        async Task Probe(string id, double dpus, bool isFlex, int times)
        {
            var ids = Enumerable.Range(0, times).Select(i => $"jr_{id}{i}").ToList();
            foreach (var runId in ids)
            {
                var answer = await capacity.Ask(
                    new CapacityRequest(runId, KeyOf("probe"), CapacityPurpose.Start, dpus, isFlex, Now)
                );
                if (answer.Result != CapacityResult.Granted)
                    _referee.Complain($"the account does not give out {id} {runId}: {answer}");
            }

            await capacity.Release(ids);
        }
    }

    /// <summary>Each node takes as many runs as it can hold, and no more.</summary>
    private async Task CheckThatNodesAreFree()
    {
        var pool = cluster.Cluster.Client.GetGrain<IExecutorPoolGrain>(IExecutorPoolGrain.Key);
        var free = (await cluster.Nodes.ListLive()).Where(node => node.IsAccepting).Sum(node => node.MaxRuns);
        var ids = Enumerable.Range(0, free + 1).Select(i => $"jr_node{i}").ToList();
        foreach (var (i, id) in ids.Index())
        {
            var answer = await pool.Place(new PlaceRequest(id, account, 0.0625, Now, MayWait: false));
            if (answer.Executor is null != (i == free))
                _referee.Complain($"the nodes have room for {free}; {id} was placed on {answer.Executor}");
        }

        await pool.Release(ids);
    }
}
