using GlueOrleans.Benchmarks.Load.Generator;
using GlueOrleans.Tests.Support;

namespace GlueOrleans.Benchmarks.Load.Target;

/// <summary>A node of its own for the measurement: a process over a new data folder, which goes with it.</summary>
internal sealed class LocalNode : IAsyncDisposable
{
    private const string Account = "000000000000";

    /// <summary>What an account may have is not what is measured.</summary>
    private static readonly string[] HighLimits =
    [
        "--Limits:Jobs=1000000",
        "--Limits:ConcurrentRuns=1000000",
        "--Limits:ConcurrentRunsPerJob=1000000",
        "--Limits:QueuedRuns=1000000",
        "--Limits:TaskDpus=1000000",
        "--Logging:LogLevel:GlueOrleans=Warning",
    ];

    private readonly ServerProcess _process;

    private LocalNode(ServerProcess process, string dataFolder) => (_process, DataFolder) = (process, dataFolder);

    public Uri Url => _process.Url;

    public string DataFolder { get; }

    /// <inheritdoc cref="ServerProcess.Id"/>
    public int ProcessId => _process.Id;

    /// <inheritdoc cref="ServerProcess.StartedIn"/>
    public TimeSpan StartedIn => _process.StartedIn;

    /// <inheritdoc cref="ServerProcess.CpuTime"/>
    public TimeSpan CpuTime => _process.CpuTime;

    /// <inheritdoc cref="ServerProcess.Memory"/>
    public long Memory => _process.Memory;

    /// <summary>Settings that make it the one node of a cluster: silo, executor and gateway.</summary>
    /// <param name="database">Npgsql's connection string.</param>
    public static IReadOnlyList<string> InCluster(string database) =>
        [
            $"--Cluster:Database={database}",
            "--Cluster:Node=benchmarks",
            $"--Cluster:SiloPort={FreePort.Next()}",
            $"--Cluster:ClientPort={FreePort.Next()}",
        ];

    /// <summary>Starts it, and returns when it says that it serves.</summary>
    /// <param name="program">Of <see cref="NodeProgram"/>.</param>
    /// <param name="cpus">As <c>taskset</c> takes them; <c>null</c>: all.</param>
    /// <param name="settings">More words for its command line.</param>
    /// <param name="credentials">That it asks for; <c>null</c>: it asks nobody.</param>
    /// <param name="dataFolder">Of an earlier node, which stays; <c>null</c>: a new one, which goes with this one.</param>
    public static async Task<LocalNode> Start(
        string program,
        string? cpus,
        IReadOnlyList<string> settings,
        Credentials? credentials = null,
        string? dataFolder = null
    )
    {
        var folder = Directory.CreateTempSubdirectory("glue-load-").FullName;
        dataFolder ??= folder;
        string[] node =
        [
            "dotnet",
            program,
            "--data",
            dataFolder,
            "--urls",
            "http://127.0.0.1:0",
            .. HighLimits,
            .. settings,
        ];
        var process = await ServerProcess.Start(
            cpus is null ? node : ["taskset", "-c", cpus, .. node],
            credentials is null ? new Dictionary<string, string>() : Keys(credentials),
            folder
        );
        return new LocalNode(process, dataFolder);
    }

    public string Log() => _process.Log();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>Not on the command line, which others can read.</summary>
    private static Dictionary<string, string> Keys(Credentials credentials) =>
        new()
        {
            ["Auth__Credentials__0__AccessKeyId"] = credentials.AccessKey,
            ["Auth__Credentials__0__SecretAccessKey"] = credentials.Secret!,
            ["Auth__Credentials__0__Account"] = Account,
        };
}
