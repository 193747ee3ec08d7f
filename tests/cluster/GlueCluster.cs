using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Profiles;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.GrainInterfaces.SecurityConfigurations;
using GlueOrleans.Grains;
using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.Ports;
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
    private const string MemoryStorage = "memory";

    private InProcessTestCluster _cluster = null!;

    internal FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));

    internal ScriptedExecutor Executor { get; } = new();

    internal FaultyRunStore Store { get; } = new(new MemoryRunStore());

    internal RecordingRunEvents Events { get; } = new();

    /// <summary>The account's; a test sets them before its first start.</summary>
    internal AccountLimits Limits { get; } = new();

    internal MemoryJobIndex Index { get; } = new();

    internal GrainStorageFaults GrainStorage { get; } = new();

    internal InProcessTestCluster Cluster => _cluster;

    internal IJobGrain Job => Grain(JobName);

    internal IJobGrain Grain(string name) => _cluster.Client.GetGrain<IJobGrain>(new JobKey(Account, name).GrainKey);

    internal IJobRunGrain Run(string runId) => _cluster.Client.GetGrain<IJobRunGrain>(runId);

    internal ISecurityConfigurationsGrain SecurityConfigurations =>
        _cluster.Client.GetGrain<ISecurityConfigurationsGrain>(Account);

    internal IUsageProfilesGrain UsageProfiles => _cluster.Client.GetGrain<IUsageProfilesGrain>(Account);

    /// <summary>Options that differ from their defaults.</summary>
    protected virtual void Configure(IServiceCollection services) { }

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder((short)silos);
        builder.Options.ConfigureFileLogging = false;
        builder.ConfigureSilo(
            (_, silo) =>
            {
                silo.AddMemoryGrainStorage(
                    MemoryStorage,
                    storage => storage.GrainStorageSerializer = new GrainStateSerializer()
                );
                silo.Services.AddKeyedSingleton<IGrainStorage>(
                    GrainStateJson.StorageName,
                    (services, _) =>
                        new FaultyGrainStorage(
                            services.GetRequiredKeyedService<IGrainStorage>(MemoryStorage),
                            GrainStorage
                        )
                );
                silo.Services.AddSingleton<TimeProvider>(Clock);
                // Only grains live on the test's clock; the silo's own loops would spin when it is moved.
                silo.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
                silo.Services.TryAddClocks();
                silo.Services.AddSingleton<IRunStore>(Store);
                silo.Services.AddSingleton<IBookmarkStore>(Store.Bookmarks);
                silo.Services.AddSingleton<IJobIndex>(Index);
                silo.Services.AddSingleton<IRunExecutor>(Executor);
                silo.Services.AddSingleton<IRunEvents>(Events);
                silo.Services.AddSingleton(Options.Create(Limits));
                silo.Services.AddHostedService<UnfinishedRunWaker>();
                silo.Services.AddHostedService<JobTender>();
                silo.Services.AddHostedService<JobIndexMender>();
                Configure(silo.Services);
            }
        );
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    internal async Task<JobDefinition> CreateJob(int maxConcurrentRuns = 1, int? timeout = null)
    {
        var created = await Job.Create(
            new JobSettings
            {
                Role = "any",
                Command = new JobCommand { Name = "pythonshell", ScriptLocation = "/x.py" },
                ExecutionProperty = new ExecutionProperty { MaxConcurrentRuns = maxConcurrentRuns },
                Timeout = timeout,
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

    internal async Task<string> Start()
    {
        var started = await Job.StartRun(new StartRun());
        return started.Value ?? throw new InvalidOperationException(started.Refusal?.Message);
    }

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

    /// <summary>Moves the clock, then lets the run's grain finish what its timers began.</summary>
    internal async Task Pass(TimeSpan time, string runId)
    {
        Clock.Advance(time);
        await Run(runId).Wake();
    }
}
