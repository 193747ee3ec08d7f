using System.Diagnostics;

namespace GlueOrleans.Benchmarks.Load.Target;

/// <summary>A process of its own that serves HTTP, over a new folder. Both go with this object.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>How the line begins that says that it serves; the URL is its last word.</summary>
    private const string Greeting = "GlueOrleans serves ";

    private const int LinesKept = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>For one that was killed to be gone.</summary>
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(5);

    private readonly string _folder;
    private readonly Queue<string> _log = new();
    private readonly Process _process;
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool _isStarted;

    private ServerProcess(IReadOnlyList<string> words, string folder, IReadOnlyDictionary<string, string> environment)
    {
        _folder = folder;
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(words[0], words.Skip(1))
            {
                WorkingDirectory = folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        // Of the generator's: they would make another server of it.
        foreach (var name in Program.OwnVariables)
            _process.StartInfo.Environment.Remove(name);
        foreach (var (name, value) in environment)
            _process.StartInfo.Environment[name] = value;
        _process.OutputDataReceived += Read;
        _process.ErrorDataReceived += Read;
        // Also when this process is told to end in the middle of something.
        AppDomain.CurrentDomain.ProcessExit += Leave;
    }

    public Uri Url => _listening.Task.Result;

    public int Id => _process.Id;

    /// <summary>From the process' start to the line that says that it serves.</summary>
    public TimeSpan StartedIn { get; private set; }

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

    /// <summary>Starts it, and returns when it says that it serves.</summary>
    /// <param name="words">Program and arguments.</param>
    /// <param name="environment">Variables, added to this process' own.</param>
    /// <param name="folder">Its working directory; <c>null</c>: a new one.</param>
    /// <exception cref="InvalidOperationException">It ended, or said nothing for too long.</exception>
    public static async Task<ServerProcess> Start(
        IReadOnlyList<string> words,
        IReadOnlyDictionary<string, string> environment,
        string? folder = null
    )
    {
        var server = new ServerProcess(
            words,
            folder ?? Directory.CreateTempSubdirectory("glue-load-").FullName,
            environment
        );
        try
        {
            await server.Begin();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>What it has printed last.</summary>
    public string Log()
    {
        lock (_log)
            return string.Join('\n', _log);
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= Leave;
        if (_isStarted)
        {
            Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task Begin()
    {
        var clock = TimeProvider.System;
        var begunAt = clock.GetTimestamp();
        _isStarted = _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var ended = _process.WaitForExitAsync();
        if (await Task.WhenAny(_listening.Task, ended, Task.Delay(Patience, clock)) != _listening.Task)
        {
            throw new InvalidOperationException(
                $"'{string.Join(' ', _process.StartInfo.ArgumentList.Take(2))}' did not start. Its last words:\n{Log()}"
            );
        }

        StartedIn = clock.GetElapsedTime(begunAt);
    }

    private void Kill()
    {
        if (!_process.HasExited)
            _process.Kill();
    }

    private void Leave(object? sender, EventArgs reason)
    {
        if (!_isStarted)
            return;
        Kill();
        _process.WaitForExit(LastPatience);
        Directory.Delete(_folder, recursive: true);
    }

    private void Read(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not { } text)
            return;
        if (text.StartsWith(Greeting, StringComparison.Ordinal))
            _listening.TrySetResult(new Uri(text.Split(' ')[^1]));
        lock (_log)
        {
            _log.Enqueue(text);
            if (_log.Count > LinesKept)
                _log.Dequeue();
        }
    }
}
