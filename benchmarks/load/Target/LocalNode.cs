using System.Diagnostics;
using System.Reflection;

namespace GlueOrleans.Benchmarks.Load.Target;

/// <summary>A node of its own for the measurement: a process over a new data folder, which goes with it.</summary>
internal sealed class LocalNode : IDisposable
{
    /// <summary>How the generator reads sockets; a node that took it over would be another one than its users'.</summary>
    public static readonly string[] NotInherited =
    [
        "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS",
        "DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT",
    ];

    private const string Greeting = "GlueOrleans serves ";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

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

    private readonly string _folder = Directory.CreateTempSubdirectory("glue-load-").FullName;
    private readonly Queue<string> _log = new();
    private readonly Process _process;

    /// <param name="cpus">As <c>taskset</c> takes them; <c>null</c>: all.</param>
    /// <param name="settings">More words for its command line.</param>
    public LocalNode(string? cpus, IReadOnlyList<string> settings)
    {
        var program = typeof(LocalNode)
            .Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
            .Single(attribute => attribute.Key == "NodeProgram")
            .Value!;
        string[] node =
        [
            "dotnet",
            program,
            "--data",
            _folder,
            "--urls",
            "http://127.0.0.1:0",
            .. HighLimits,
            .. settings,
        ];
        string[] words = cpus is null ? node : ["taskset", "-c", cpus, .. node];
        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(words[0], words[1..])
            {
                WorkingDirectory = _folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        foreach (var name in NotInherited)
            _process.StartInfo.Environment.Remove(name);
        _process.OutputDataReceived += Read;
        _process.ErrorDataReceived += Read;
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var ended = _process.WaitForExitAsync();
        if (Task.WaitAny([listening.Task, ended], Patience) != 0)
        {
            Dispose();
            throw new InvalidOperationException($"The node did not start. Its last words:\n{Log()}");
        }

        Url = listening.Task.Result;

        void Read(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is not { } text)
                return;
            if (text.StartsWith(Greeting, StringComparison.Ordinal))
                listening.TrySetResult(new Uri(text.Split(' ')[^1]));
            lock (_log)
            {
                _log.Enqueue(text);
                if (_log.Count > 100)
                    _log.Dequeue();
            }
        }
    }

    public Uri Url { get; }

    /// <summary>Time on a CPU since its start, of all its threads.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Resident bytes.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public string Log()
    {
        lock (_log)
            return string.Join('\n', _log);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
