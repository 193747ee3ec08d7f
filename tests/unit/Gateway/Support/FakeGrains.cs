using GlueOrleans.Gateway;
using GlueOrleans.Gateway.Operations;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using Microsoft.Extensions.DependencyInjection;

namespace GlueOrleans.Tests.Unit.Gateway.Support;

/// <summary>
/// Grains of a test: what they answer is set by it, what they were asked is kept. Not a substitute for the real ones: it
/// shows only what the gateway makes of an answer.
/// </summary>
internal sealed partial class FakeGrains : IGrainFactory, IJobGrain, IJobCatalogGrain
{
    /// <summary>The key of the last grain that was asked for.</summary>
    public string? Key { get; private set; }

    /// <summary>By name, in ordinal order: what the catalog lists.</summary>
    public SortedDictionary<string, JobDefinition?> Jobs { get; } = new(StringComparer.Ordinal);

    /// <summary>Newest first.</summary>
    public List<RunRecord> Runs { get; } = [];

    /// <summary>Newest first.</summary>
    public List<BookmarkEntry> Bookmarks { get; } = [];

    public Outcome<string> Started { get; set; } = "jr_1";

    public StartRun? StartRequest { get; private set; }

    public JobSettings? Settings { get; private set; }

    public IReadOnlyDictionary<string, string>? Tags { get; private set; }

    public IReadOnlyList<string>? RemovedTags { get; private set; }

    public string? ProfileName { get; private set; }

    public Dictionary<string, StopRunResult> Stops { get; } = [];

    /// <summary>Thrown by StartRun, and by Create and Update, when set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>How often it is thrown; then all is well.</summary>
    public int Failures { get; set; } = int.MaxValue;

    /// <summary>What StartRun waits for, as for a commit.</summary>
    public Task Committed { get; set; } = Task.CompletedTask;

    /// <summary>How often StartRun, Create and Update were called.</summary>
    public int Calls { get; private set; }

    public static IReadOnlyList<IGlueOperation> OperationsOver(
        FakeGrains grains,
        TimeProvider? time = null,
        ILiveRuns? live = null
    )
    {
        var services = new ServiceCollection().AddSingleton<IGrainFactory>(grains).AddLogging();
        if (time is not null)
            services.AddSingleton(time);
        if (live is not null)
            services.AddSingleton(live);
        return [.. services.AddGlueGateway().BuildServiceProvider().GetServices<IGlueOperation>()];
    }

    public TGrain GetGrain<TGrain>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrain : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey); // as Orleans does
        Key = primaryKey;
        return (TGrain)(object)this;
    }

    Task<Outcome<JobDefinition>> IJobGrain.Create(
        JobSettings settings,
        IReadOnlyDictionary<string, string> tags,
        string? profileName
    )
    {
        (Settings, Tags, ProfileName) = (settings, tags, profileName);
        FailIfSo();
        return Task.FromResult<Outcome<JobDefinition>>(
            AJob.Named(JobKey.Parse(Key!).Name) with
            {
                Settings = settings,
            }
        );
    }

    Task<Outcome<JobDefinition>> IJobGrain.Update(JobSettings settings)
    {
        Settings = settings;
        FailIfSo();
        return Task.FromResult<Outcome<JobDefinition>>(
            AJob.Named(JobKey.Parse(Key!).Name) with
            {
                Settings = settings,
            }
        );
    }

    Task<Outcome<JobDefinition>> IJobGrain.Tag(IReadOnlyDictionary<string, string> tags)
    {
        Tags = tags;
        return Task.FromResult(FoundJob());
    }

    Task<Outcome<JobDefinition>> IJobGrain.Untag(IReadOnlyList<string> keys)
    {
        RemovedTags = keys;
        return Task.FromResult(FoundJob());
    }

    private Outcome<JobDefinition> FoundJob() =>
        Jobs.GetValueOrDefault(JobKey.Parse(Key!).Name) is { } job ? job : Refusal.NotFound("No such job.");

    Task IJobGrain.Delete() => Task.CompletedTask;

    Task<JobDefinition?> IJobGrain.Find() => Task.FromResult(Jobs.GetValueOrDefault(JobKey.Parse(Key!).Name));

    async Task<Outcome<string>> IJobGrain.StartRun(StartRun request)
    {
        StartRequest = request;
        FailIfSo();
        await Committed;
        return Started;
    }

    private void FailIfSo()
    {
        if (++Calls <= Failures && Failure is { } failure)
            throw failure;
    }

    Task<IReadOnlyList<StopRunAnswer>> IJobGrain.StopRuns(IReadOnlyList<string> runIds) =>
        Task.FromResult<IReadOnlyList<StopRunAnswer>>([.. runIds.Select(id => new StopRunAnswer(id, Stops[id]))]);

    Task<Outcome<RunRecord>> IJobGrain.GetRun(string runId) =>
        Task.FromResult<Outcome<RunRecord>>(
            Runs.Find(run => run.Id == runId) is { } run ? run : Refusal.NotFound($"Job run {runId} not found.")
        );

    Task<Outcome<IReadOnlyList<RunRecord>>> IJobGrain.ListRuns(long? before, int limit) =>
        Task.FromResult(
            Outcome.Of<IReadOnlyList<RunRecord>>([
                .. Runs.Where(run => before is null || run.Ordinal < before).Take(limit),
            ])
        );

    Task IJobGrain.SlotFreed(RunStanding run) => throw new NotSupportedException();

    Task IJobGrain.Tend() => throw new NotSupportedException();

    Task<Outcome<BookmarkEntry>> IJobGrain.GetBookmark(string? runId, int? version) =>
        Task.FromResult<Outcome<BookmarkEntry>>(
            Bookmarks.Find(entry =>
                (runId is null || entry.RunId == runId) && (version is null || entry.Version == version)
            )
                is { } entry
                ? entry
                : Refusal.NotFound("Continuation for job job not found")
        );

    Task<Outcome<IReadOnlyList<BookmarkEntry>>> IJobGrain.ListBookmarks(long? before, int limit) =>
        Task.FromResult(
            Outcome.Of<IReadOnlyList<BookmarkEntry>>([
                .. Bookmarks.Where(entry => before is null || entry.Revision < before).Take(limit),
            ])
        );

    Task<Outcome<BookmarkEntry>> IJobGrain.ResetBookmark(string? runId) =>
        ((IJobGrain)this).GetBookmark(runId, version: null);

    Task IJobGrain.SettleIndex() => throw new NotSupportedException();

    Task<IReadOnlyList<string>> IJobCatalogGrain.ListNames(string? after, int limit) =>
        Task.FromResult<IReadOnlyList<string>>([
            .. Jobs.Keys.Where(name => string.CompareOrdinal(name, after) > 0).Take(limit),
        ]);

    Task<IReadOnlyList<JobDefinition?>> IJobCatalogGrain.FindAll(IReadOnlyList<string> names) =>
        Task.FromResult<IReadOnlyList<JobDefinition?>>([.. names.Select(name => Jobs.GetValueOrDefault(name))]);

    TGrain IGrainFactory.GetGrain<TGrain>(Guid primaryKey, string? grainClassNamePrefix) =>
        throw new NotSupportedException();

    TGrain IGrainFactory.GetGrain<TGrain>(long primaryKey, string? grainClassNamePrefix) =>
        throw new NotSupportedException();

    TGrain IGrainFactory.GetGrain<TGrain>(Guid primaryKey, string keyExtension, string? grainClassNamePrefix) =>
        throw new NotSupportedException();

    TGrain IGrainFactory.GetGrain<TGrain>(long primaryKey, string keyExtension, string? grainClassNamePrefix) =>
        throw new NotSupportedException();

    TGrainObserverInterface IGrainFactory.CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj) =>
        throw new NotSupportedException();

    void IGrainFactory.DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj) =>
        throw new NotSupportedException();

    IGrain IGrainFactory.GetGrain(Type grainInterfaceType, Guid grainPrimaryKey) => throw new NotSupportedException();

    IGrain IGrainFactory.GetGrain(Type grainInterfaceType, long grainPrimaryKey) => throw new NotSupportedException();

    IGrain IGrainFactory.GetGrain(Type grainInterfaceType, string grainPrimaryKey) => throw new NotSupportedException();

    IGrain IGrainFactory.GetGrain(Type grainInterfaceType, Guid grainPrimaryKey, string keyExtension) =>
        throw new NotSupportedException();

    IGrain IGrainFactory.GetGrain(Type grainInterfaceType, long grainPrimaryKey, string keyExtension) =>
        throw new NotSupportedException();

    IAddressable IGrainFactory.GetGrain(Type interfaceType, IdSpan grainKey) => throw new NotSupportedException();

    IAddressable IGrainFactory.GetGrain(Type interfaceType, IdSpan grainKey, string grainClassNamePrefix) =>
        throw new NotSupportedException();

    TGrainInterface IGrainFactory.GetGrain<TGrainInterface>(GrainId grainId) => throw new NotSupportedException();

    IAddressable IGrainFactory.GetGrain(GrainId grainId) => throw new NotSupportedException();

    IAddressable IGrainFactory.GetGrain(GrainId grainId, GrainInterfaceType interfaceType) =>
        throw new NotSupportedException();
}

internal static class AJob
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static JobDefinition Named(string name) =>
        new()
        {
            Name = name,
            Settings = new JobSettings
            {
                Role = "role",
                Command = new JobCommand { Name = "pythonshell", ScriptLocation = "job.py" },
                MaxCapacity = 10,
            },
            Tags = new Dictionary<string, string>(),
            CreatedOn = Noon,
            LastModifiedOn = Noon.AddMilliseconds(255),
        };
}

internal static class ARun
{
    public static RunRecord Number(long ordinal) =>
        new()
        {
            Job = new JobKey("000000000000", "job"),
            Id = $"jr_{ordinal}",
            Ordinal = ordinal,
            Version = 1,
            State = JobRunState.Starting,
            StartedOn = AJob.Noon,
            LastModifiedOn = AJob.Noon,
            Settings = new RunSettings
            {
                ScriptArguments = new Dictionary<string, string> { ["--default"] = "x" },
                Command = new JobCommand { Name = "pythonshell" },
                JobMode = "SCRIPT",
                LogGroupName = "/aws-glue/python-jobs",
                MaxCapacity = 0.0625,
            },
        };
}
