using System.Text;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Executors;
using Orleans.Core.Internal;
using Orleans.Serialization;

namespace GlueOrleans.Tests.Cluster;

/// <summary>One random course in an account of its own, and what is checked at its end.</summary>
internal sealed class AdmissionCourse(AdmissionPropertyTests cluster, Random random, string account)
{
    /// <summary>Half of the courses are without crashes, faults, lost messages and jumps of time: more happens in them at the
    /// same time, since nothing is out of order for long.</summary>
    private readonly bool _isCalm = random.Next(2) == 0;

    private static readonly TimeSpan[] Jumps =
    [
        TimeSpan.FromSeconds(1),
        TimeSpan.FromSeconds(31),
        TimeSpan.FromMinutes(2),
        TimeSpan.FromMinutes(21),
        TimeSpan.FromHours(3),
    ];

    private readonly Referee _referee = new(account, cluster.Limits);
    private readonly Dictionary<string, JobSettings> _jobs = new(StringComparer.Ordinal);
    private readonly List<(string Job, string InvocationId)> _calls = [];
    private readonly Dictionary<string, string> _answers = new(StringComparer.Ordinal);
    private readonly List<(ExecutorTenure Executor, int MaxRuns)> _nodes = [];
    private readonly StringBuilder _log = new();
    private bool _poolMayForget;
    private TaskCompletionSource _nextStep = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Log => _log.ToString();

    public async Task<IReadOnlyList<string>> Run()
    {
        cluster.Clock.AutoAdvanceAmount = TimeSpan.FromMilliseconds(random.Next(2));
        cluster.Store.Written = _referee.Saw;
        cluster.Store.Faulted = _referee.Disturbed;
        cluster.Store.Pause = Yield;
        cluster.Post = Post;
        for (var i = 0; i < 3; i++)
            await Create($"job{i}");
        await cluster.ForgetNodes();
        for (var i = random.Next(1, 4); i > 0; i--)
            await Join();

        for (var step = 0; step < 25 && _referee.Complaints.Count == 0; step++)
        {
            await Task.WhenAll(Enumerable.Range(0, random.Next(1, 4)).Select(_ => Act()).ToList());
            DeliverLateMessages();
        }

        await Settle();
        if (_referee.Complaints.Count == 0)
        {
            _referee.CheckSuccessors();
            await CheckThatNothingLeaked();
        }

        (cluster.Store.Written, cluster.Store.Faulted, cluster.Store.Pause, cluster.Post) = (null, null, null, null);
        return _referee.Complaints;
    }

    private static async Task Yield()
    {
        for (var times = Random.Shared.Next(3); times > 0; times--)
            await Task.Yield();
    }

    /// <summary>Loses or delays what grains tell each other without waiting for an answer.</summary>
    private async Task<bool> Post(string method)
    {
        if (
            _isCalm
            || method
                is not (nameof(IJobGrain.SlotFreed) or nameof(ICapacityGrain.Release) or nameof(IJobRunGrain.Wake))
        )
            return true;
        var fate = Random.Shared.Next(20);
        if (fate == 0 && method != nameof(ICapacityGrain.Release))
            await _nextStep.Task;
        return fate != 1;
    }

    private void DeliverLateMessages()
    {
        var step = _nextStep;
        _nextStep = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        step.SetResult();
    }

    private async Task Act()
    {
        try
        {
            await (
                random.Next(_isCalm ? 76 : 106) switch
                {
                    < 3 => Join(),
                    < 5 => Drain(),
                    < 6 => Lose(),
                    < 41 => StartSome(),
                    < 49 => StopSome(),
                    < 76 => Progress(),
                    < 84 => Jump(),
                    < 91 => Break(),
                    < 97 => Crash(),
                    < 98 => KillSilo(),
                    < 102 => Resize(),
                    < 103 => Delete(),
                    _ => Sweep(),
                }
            );
        }
        // The last one is what a call may end with whose silo dies under it: Orleans cannot carry the real reason.
        catch (Exception e)
            when (e is StoreUnavailableException or OrleansException or TimeoutException or CodecNotFoundException)
        {
            Note($"  failed: {e.GetType().Name}");
        }
    }

    private async Task Join()
    {
        var maxRuns = random.Next(1, 4);
        var name = $"{account}-{_nodes.Count}";
        Note($"join {name} for {maxRuns}");
        _nodes.Add((new ExecutorTenure(name, 1), maxRuns));
        _referee.Holds(name, _poolMayForget ? null : maxRuns);
        await cluster.AddNode(name, maxRuns);
    }

    private Task Drain()
    {
        var node = _nodes[random.Next(_nodes.Count)].Executor;
        Note($"drain {node}");
        return cluster.Drain(node);
    }

    /// <summary>A node's lease runs out.</summary>
    private Task Lose()
    {
        var node = _nodes[random.Next(_nodes.Count)].Executor;
        Note($"lose {node}");
        cluster.Nodes.Expire(node.Node);
        return EndStranded();
    }

    /// <summary>What the reaper does every two seconds.</summary>
    private async Task EndStranded()
    {
        await cluster.Nodes.FenceExpired();
        foreach (var run in await cluster.Nodes.ListStranded(null, 1000))
            await cluster.Run(run.Id).ExecutorLost(run.Executor);
    }

    /// <summary>From here on the pool's memory may be wrong: nodes have to refuse what they have no room for.</summary>
    private void PoolMayForget()
    {
        _poolMayForget = true;
        foreach (var (node, _) in _nodes)
            _referee.Holds(node.Node, null);
    }

    private async Task Create(string name)
    {
        var settings = AdmissionPropertyTests.Jobs[random.Next(AdmissionPropertyTests.Jobs.Count)];
        var limit = random.Next(1, 4);
        Note(
            $"create {name} limit {limit} {settings.Command!.Name} {settings.ExecutionClass} retries {settings.MaxRetries}"
        );
        _referee.Allows(name, limit);
        _jobs[name] = settings;
        await cluster.CreateJob(KeyOf(name), settings, limit);
    }

    private Task StartSome()
    {
        var name = AnyJob();
        var count = random.Next(1, 5);
        var requests = Enumerable.Range(0, count).Select(_ => AnyStart(name)).ToList();
        Note($"start {name} {string.Join(' ', requests.Select(r => r.InvocationId ?? "-"))}");
        return Task.WhenAll(requests.Select(request => Start(name, request)));
    }

    private StartRun AnyStart(string name)
    {
        var request = new StartRun
        {
            JobRunQueuingEnabled = random.Next(4) == 0 ? random.Next(2) == 0 : null,
            TriggerName = random.Next(12) == 0 ? "trigger" : null,
        };
        var before = _calls.Where(call => call.Job == name).ToList();
        if (random.Next(3) != 0)
            return request;
        if (before.Count > 0 && random.Next(2) == 0)
            return request with { InvocationId = before[random.Next(before.Count)].InvocationId };
        var call = (name, InvocationId: $"call{_calls.Count}");
        _calls.Add(call);
        return request with { InvocationId = call.InvocationId };
    }

    private async Task Start(string name, StartRun request)
    {
        var answer = await cluster.Grain(KeyOf(name)).StartRun(request);
        Note($"  {name} {request.InvocationId}: {answer.Value ?? answer.Refusal!.Message}");
        if (answer.IsRefused)
            return;
        if (await cluster.Row(answer.Value!) is null)
            _referee.Complain($"{answer.Value} was acknowledged and has no row");
        if (request.InvocationId is null)
            return;
        lock (_answers)
        {
            if (
                !_answers.TryAdd(name + request.InvocationId, answer.Value!)
                && _answers[name + request.InvocationId] != answer.Value
            )
                _referee.Complain($"{request.InvocationId} made two runs");
        }
    }

    private Task StopSome()
    {
        var unfinished = _referee.Unfinished;
        if (unfinished.Count == 0)
            return Task.CompletedTask;
        var run = unfinished[random.Next(unfinished.Count)];
        Note($"stop {run.Id} {run.State}");
        return cluster.Grain(run.Job).StopRuns([run.Id]);
    }

    /// <summary>An executor tells something about some of the runs.</summary>
    private Task Progress()
    {
        var unfinished = _referee.Unfinished;
        return Task.WhenAll(
            Enumerable
                .Range(0, Math.Min(3, unfinished.Count))
                .Select(_ => unfinished[random.Next(unfinished.Count)])
                .Distinct()
                .Select(run => (run, Report: AnyReport(run)))
                .Where(told => told.Report is not null)
                .Select(told => Tell(told.run, told.Report!))
                .ToList()
        );
    }

    private RunReport? AnyReport(RunRecord run)
    {
        var fate = random.Next(10);
        return run.State switch
        {
            JobRunState.Starting when fate < 6 => new RunReport.Launched { At = Now },
            JobRunState.Starting when fate < 8 => new RunReport.NoRoom
            {
                At = Now,
                Limit = "no room",
                Version = run.Version,
            },
            JobRunState.Starting => new RunReport.LaunchFailed { At = Now, ErrorMessage = "no script" },
            JobRunState.Running => Exit(fate < 5 ? 0 : 1, afterStop: false),
            JobRunState.Stopping => Exit(
                fate < 5 ? 143
                    : fate < 8 ? 0
                    : 1,
                afterStop: fate < 5
            ),
            _ => null,
        };
    }

    private RunReport.Exited Exit(int code, bool afterStop) =>
        new()
        {
            At = Now,
            ExitCode = code,
            AfterStop = afterStop,
        };

    private Task Tell(RunRecord run, RunReport report)
    {
        Note($"{report.GetType().Name} {run.Id} {run.State} {run.Executor}");
        return cluster.Run(run.Id).Report(report with { Executor = run.Executor });
    }

    private Task Jump()
    {
        var time = Jumps[random.Next(Jumps.Length)];
        Note($"jump {time}");
        // What is promised and not written after a minute is given to others.
        if (time > ExecutorPool.PromiseLasts)
            PoolMayForget();
        cluster.Clock.Advance(time);
        return Task.CompletedTask;
    }

    private Task Break()
    {
        var fault = random.Next(2) == 0 ? Fault.BeforeWriting : Fault.AfterWriting;
        var create = random.Next(2) == 0;
        Note($"break {(create ? "create" : "save")} {fault}");
        if (create)
            cluster.Store.FailNextCreate(fault);
        else
            cluster.Store.FailNextSave(fault);
        return Task.CompletedTask;
    }

    /// <summary>A grain loses its memory.</summary>
    private Task Crash()
    {
        var unfinished = _referee.Unfinished;
        IAddressable grain = random.Next(4) switch
        {
            0 => cluster.Grain(KeyOf(AnyJob())),
            1 when unfinished.Count > 0 => cluster.Run(unfinished[random.Next(unfinished.Count)].Id),
            2 => cluster.Cluster.Client.GetGrain<IExecutorPoolGrain>(IExecutorPoolGrain.Key),
            _ => cluster.Cluster.Client.GetGrain<ICapacityGrain>(account),
        };
        Note($"crash {grain.GetGrainId()}");
        if (grain is IExecutorPoolGrain)
            PoolMayForget();
        return grain.Cast<IGrainManagementExtension>().DeactivateOnIdle().AsTask();
    }

    private Task KillSilo()
    {
        PoolMayForget();
        return cluster.KillSilo(random);
    }

    private async Task Resize()
    {
        var name = AnyJob();
        var (before, limit) = (_referee.Allowed(name), random.Next(1, 4));
        Note($"resize {name} from {before} to {limit}");
        _referee.Allows(name, Math.Max(before, limit));
        await cluster
            .Grain(KeyOf(name))
            .Update(_jobs[name] with { ExecutionProperty = new ExecutionProperty { MaxConcurrentRuns = limit } });
    }

    private Task Delete()
    {
        var name = AnyJob();
        Note($"delete {name}");
        return cluster.Grain(KeyOf(name)).Delete();
    }

    /// <summary>What upkeep does every ten seconds.</summary>
    private async Task Sweep()
    {
        foreach (var job in await cluster.Store.ListJobsToTend(null, Now, 1000))
        {
            if (job.Account == account)
                await cluster.Grain(job).Tend();
        }

        foreach (var run in await cluster.Store.ListOverdue(Now, 1000))
            await cluster.Run(run).Wake();
        await EndStranded();
    }

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

    private DateTimeOffset Now => cluster.Clock.GetUtcNow();

    private JobKey KeyOf(string name) => new(account, name);

    private string AnyJob() => _jobs.Keys.ElementAt(random.Next(_jobs.Count));

    private void Note(string line)
    {
        lock (_log)
            _log.AppendLine(line);
    }
}
