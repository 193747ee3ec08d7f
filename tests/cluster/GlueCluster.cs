using GlueOrleans.GrainInterfaces.Accounts;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Profiles;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.GrainInterfaces.SecurityConfigurations;
using GlueOrleans.Grains;
using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Runs;
using GlueOrleans.Grains.State;
using GlueOrleans.Grains.Upkeep;
using GlueOrleans.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orleans.Storage;
using Orleans.TestingHost;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

/// <summary>
/// Real silos in this process over one memory store, one scripted executor and one clock that the test moves. A test gets
/// a cluster of its own, and a job named <see cref="JobName"/> in it.
/// </summary>
public abstract class GlueCluster(int silos = 1) : IAsyncLifetime
{
    protected const string JobName = "nightly";
    protected const string Account = "000000000000";

    private readonly SharedGrainStorage _storage = new();
    private InProcessTestCluster _cluster = null!;

    internal FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));

    internal ScriptedExecutor Executor { get; } = new();

    internal FaultyRunStore Store { get; } = new(new MemoryRunStore());

    internal RecordingRunEvents Events { get; } = new();

    /// <summary>The executor nodes: one without bounds, unless a test wants others.</summary>
    internal MemoryExecutorNodes Nodes => field ??= new MemoryExecutorNodes(Clock, Store);

    internal SettableReach Reach { get; } = new();

    /// <summary>The account's; a test sets them before its first start.</summary>
    internal AccountLimits Limits { get; } = new();

    internal MemoryJobIndex Index { get; } = new();

    internal GrainStorageFaults GrainStorage { get; } = new();

    internal InProcessTestCluster Cluster => _cluster;

    internal IJobGrain Job => Grain(JobName);

    internal IJobGrain Grain(string name) => Grain(new JobKey(Account, name));

    internal IJobGrain Grain(JobKey job) => _cluster.Client.GetGrain<IJobGrain>(job.GrainKey);

    internal ICapacityGrain Capacity => _cluster.Client.GetGrain<ICapacityGrain>(Account);

    /// <summary>Whether and when a call from grain to grain arrives: false loses it; it arrives when the task completes.
    /// Asked with the name of the method.</summary>
    internal Func<string, Task<bool>>? Post { get; set; }

    internal IJobRunGrain Run(string runId) => _cluster.Client.GetGrain<IJobRunGrain>(runId);

    internal ISecurityConfigurationsGrain SecurityConfigurations =>
        _cluster.Client.GetGrain<ISecurityConfigurationsGrain>(Account);

    internal IUsageProfilesGrain UsageProfiles => _cluster.Client.GetGrain<IUsageProfilesGrain>(Account);

    /// <summary>Options that differ from their defaults.</summary>
    protected virtual void Configure(IServiceCollection services) { }

    /// <summary>What differs from silo to silo.</summary>
    protected virtual void Configure(IServiceCollection services, string silo) { }

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder((short)silos);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo(
            (options, silo) =>
            {
                silo.Services.AddKeyedSingleton<IGrainStorage>(
                    GrainStateJson.StorageName,
                    new FaultyGrainStorage(_storage, GrainStorage)
                );
                silo.AddOutgoingGrainCallFilter(Carry);
                silo.Services.AddSingleton<TimeProvider>(Clock);
                // Only grains live on the test's clock; the silo's own loops would spin when it is moved.
                silo.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
                silo.Services.TryAddClocks();
                silo.Services.AddSingleton<LiveRuns>();
                silo.Services.AddSingleton<IRunStore>(Store);
                silo.Services.AddSingleton<IBookmarkStore>(Store.Bookmarks);
                silo.Services.AddSingleton<IJobIndex>(Index);
                silo.Services.AddSingleton<IRunExecutor>(Executor);
                silo.Services.AddSingleton<IExecutorNodes>(Nodes);
                silo.Services.AddSingleton<IUpkeepLease>(Nodes);
                silo.Services.AddSingleton<IExecutorReach>(Reach);
                silo.Services.AddSingleton<IRunEvents>(Events);
                silo.Services.AddSingleton(Options.Create(Limits));
                silo.Services.AddUpkeep();
                Configure(silo.Services);
                Configure(silo.Services, options.SiloName);
            }
        );
        Nodes.AddSole("local");
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A node that runs may be placed on, with a lease of a year.</summary>
    internal async Task<ExecutorTenure> AddNode(
        string name,
        int maxRuns = 0,
        double dpus = 0,
        bool isAccepting = true
    ) =>
        (
            await Nodes.Acquire(new LeaseRequest(name, name, name, isAccepting, maxRuns, dpus, TimeSpan.FromDays(365)))
        ).Tenure!;

    /// <summary>It renews its lease, and takes no more runs.</summary>
    internal Task Drain(ExecutorTenure node) =>
        Nodes.Renew(
            node,
            new LeaseRequest(
                node.Node,
                node.Node,
                node.Node,
                IsAccepting: false,
                MaxRuns: 0,
                Dpus: 0,
                TimeSpan.FromDays(365)
            )
        );

    /// <summary>One round of one of the duties, as the silo that does the upkeep performs it.</summary>
    internal Task Perform<TDuty>()
        where TDuty : IUpkeepDuty =>
        Cluster
            .Silos[0]
            .ServiceProvider.GetServices<IUpkeepDuty>()
            .OfType<TDuty>()
            .Single()
            .Round(TestContext.Current.CancellationToken);

    private async Task Carry(IOutgoingGrainCallContext call)
    {
        if (
            Post is null
            || call.InterfaceMethod.DeclaringType?.Namespace?.StartsWith("GlueOrleans", StringComparison.Ordinal)
                != true
        )
            await call.Invoke();
        else if (await Post(call.MethodName))
            await call.Invoke();
        else
            throw new TimeoutException($"The test lost the call of {call.MethodName}.");
    }

    /// <summary>A small python shell job: 0.0625 DPUs.</summary>
    internal static readonly JobSettings Shell = new()
    {
        Role = "any",
        Command = new JobCommand { Name = "pythonshell", ScriptLocation = "/x.py" },
    };

    /// <summary>A Spark job of two small workers: 2 DPUs.</summary>
    internal static readonly JobSettings Spark = Shell with
    {
        Command = new JobCommand { Name = "glueetl", ScriptLocation = "/x.py" },
        GlueVersion = "4.0",
        WorkerType = "G.1X",
        NumberOfWorkers = 2,
    };

    internal static readonly JobSettings Flex = Spark with { ExecutionClass = "FLEX" };

    internal Task<JobDefinition> CreateJob(int maxConcurrentRuns = 1, int? timeout = null) =>
        CreateJob(JobName, Shell with { Timeout = timeout }, maxConcurrentRuns);

    internal Task<JobDefinition> CreateJob(string name, JobSettings settings, int maxConcurrentRuns = 1) =>
        CreateJob(new JobKey(Account, name), settings, maxConcurrentRuns);

    internal async Task<JobDefinition> CreateJob(JobKey job, JobSettings settings, int maxConcurrentRuns)
    {
        var created = await Grain(job)
            .Create(
                settings with
                {
                    ExecutionProperty = new ExecutionProperty { MaxConcurrentRuns = maxConcurrentRuns },
                },
                new Dictionary<string, string>()
            );
        return created.Value ?? throw new InvalidOperationException(created.Refusal?.Message);
    }

    /// <summary>A run that was started, launched and is RUNNING.</summary>
    internal async Task<string> StartRunning()
    {
        var runId = await Start();
        await Executor.Next(Asked.Launch);
        await Launched(runId);
        return runId;
    }

    internal Task<string> Start() => Start(JobName);

    internal async Task<string> Start(string jobName, StartRun? request = null)
    {
        var started = await Grain(jobName).StartRun(request ?? new StartRun());
        return started.Value ?? throw new InvalidOperationException(started.Refusal?.Message);
    }

    /// <summary>The run's row once it is in this state: what one grain told another is on its way until then.</summary>
    internal Task<RunRecord> Reaches(string runId, JobRunState state) => Store.Until(runId, run => run.State == state);

    /// <summary>The run's row, without a grain being asked.</summary>
    internal async Task<RunRecord?> Row(string runId) => await Store.Find(runId);

    internal Task Launched(string runId) => Run(runId).Report(new RunReport.Launched { At = Now });

    /// <summary>The process ends by itself.</summary>
    internal Task Exited(string runId, int exitCode = 0) => Exited(runId, exitCode, afterStop: false);

    /// <summary>The process ends because the executor was asked to stop it.</summary>
    internal Task StoppedByExecutor(string runId) => Exited(runId, 143, afterStop: true);

    private Task Exited(string runId, int exitCode, bool afterStop) =>
        Run(runId)
            .Report(
                new RunReport.Exited
                {
                    At = Now,
                    ExitCode = exitCode,
                    AfterStop = afterStop,
                    ErrorMessage = exitCode == 0 ? null : $"Command failed with exit code {exitCode}",
                }
            );

    internal DateTimeOffset Now => Clock.GetUtcNow();

    internal async Task<RunRecord> Read(string runId) => (await Job.GetRun(runId)).Value!;

    /// <summary>Every silo dies, with all its grains; others take their places.</summary>
    internal async Task KillAll()
    {
        var old = Cluster.Silos.ToList();
        for (var i = 0; i < old.Count; i++)
            await Cluster.StartAdditionalSiloAsync();
        foreach (var silo in old)
            await Cluster.KillSiloAsync(silo);
        // One of them did the upkeep: its lease has to run out.
        Clock.Advance(UpkeepLeader.LeaseLasts);
        // The client's gateways are dead as well.
        await Cluster.KillClientAsync();
        await Cluster.InitializeClientAsync();
    }

    /// <summary>What upkeep does every ten seconds, once.</summary>
    internal async Task Sweeps()
    {
        foreach (var job in await Store.ListJobsToTend(null, Now, 1000))
            await Grain(job).Tend();
        foreach (var run in await Store.ListOverdue(Now, 1000))
            await Run(run).Wake();
    }

    /// <summary>Moves the clock, then lets the run's grain finish what its timers began.</summary>
    internal async Task Pass(TimeSpan time, string runId)
    {
        Clock.Advance(time);
        await Run(runId).Wake();
    }
}
