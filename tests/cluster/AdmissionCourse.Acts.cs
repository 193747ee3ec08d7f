using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Executors;
using Orleans.Core.Internal;

namespace GlueOrleans.Tests.Cluster;

/// <summary>What clients, scripts, operators and misfortune do.</summary>
internal sealed partial class AdmissionCourse
{
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
            // True or not.
            IsFirstTry = random.Next(2) == 0,
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
}
