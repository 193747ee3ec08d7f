using System.ComponentModel;

namespace GlueOrleans.Executors.Lease;

/// <summary>The node's guard.sh, which ends its scripts with its lease, also when this process cannot.</summary>
internal sealed class Guard(string runsFolder, string python)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>A guard may die just after it was seen in any case; who launches many scripts need not look each time.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(100);

    private readonly string _file = Path.Combine(runsFolder, "guard");

    /// <summary>Ticks of <see cref="Uptime"/>.</summary>
    private long _seenAt = -Fresh.Ticks;

    /// <summary>Which process it is; <c>null</c> when none lives.</summary>
    public ProcessIdentity? Process
    {
        get
        {
            try
            {
                return ProcessIdentity.Parse(File.ReadAllText(_file)) is { IsAlive: true } guard ? guard : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    public bool IsAlive => Process is not null;

    /// <summary>The same, as it was at most 100 ms ago.</summary>
    public bool WasAlive()
    {
        var now = Uptime.Now().Ticks;
        if (now - Volatile.Read(ref _seenAt) is >= 0 and var gone && gone < Fresh.Ticks)
            return true;
        if (!IsAlive)
            return false;
        Volatile.Write(ref _seenAt, now);
        return true;
    }

    /// <summary>Starts one, unless one lives. To be called when the lease file is written.</summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    public async Task Ensure()
    {
        if (IsAlive)
            return;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["LC_ALL"] = "C" };
        if (Environment.GetEnvironmentVariable("PATH") is { } path)
            environment["PATH"] = path;
        var session =
            NewSession.Words(python, environment) ?? throw new IOException($"Neither setsid nor {python} is on PATH.");
        IReadOnlyList<string> words =
        [
            .. session,
            "/bin/sh",
            ShippedFiles.Guard,
            "guard",
            Path.GetFullPath(runsFolder),
        ];
        var start = Supervisor.Detached(words[0], [.. words.Skip(1)], "/", environment);

        try
        {
            using var guard = System.Diagnostics.Process.Start(start)!;
            guard.StandardInput.Close();
            using var bounded = new CancellationTokenSource(Limit);
            var line = await guard.StandardOutput.ReadLineAsync(bounded.Token);
            if (line is null || line.StartsWith("failed", StringComparison.Ordinal))
                throw new IOException(
                    $"guard.sh ended: {line ?? await guard.StandardError.ReadToEndAsync(bounded.Token)}"
                );
        }
        catch (Exception e) when (e is Win32Exception or OperationCanceledException)
        {
            throw new IOException($"guard.sh could not be started: {e.Message}", e);
        }
    }
}
