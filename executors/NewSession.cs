using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace GlueOrleans.Executors;

/// <summary>How a process leads a session of its own, where nothing that ends the node reaches it, and takes over no signal
/// that the node ignores: .NET ignores SIGPIPE, nohup SIGHUP, a shell SIGINT for what it runs in the background.</summary>
internal static class NewSession
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>By the path of env(1), whether it knows <c>--default-signal</c>: GNU's does since 8.31.</summary>
    private static readonly ConcurrentDictionary<string, bool> Resets = new(StringComparer.Ordinal);

    /// <summary>The words to be put before a command; <c>null</c>: nothing here can start one so.</summary>
    /// <param name="python">An interpreter, which stands in for what is not there.</param>
    /// <param name="environment">Of the command; its PATH is where programs are looked for.</param>
    public static IReadOnlyList<string>? Words(string python, IReadOnlyDictionary<string, string> environment)
    {
        var setsid = LaunchPlanner.Find("setsid", environment);
        if (setsid is not null && LaunchPlanner.Find("env", environment) is { } env && CanReset(env))
            return [setsid, env, "--default-signal"];
        if (LaunchPlanner.Find(python, environment) is { } interpreter)
            return [interpreter, ShippedFiles.Session];
        return setsid is null ? null : [setsid];
    }

    private static bool CanReset(string env)
    {
        if (Resets.TryGetValue(env, out var known))
            return known;
        // What says nothing about env, such as a machine that can start no process now, is not remembered.
        var answer = Try(env);
        if (answer is { } sure)
            Resets.TryAdd(env, sure);
        return answer == true;
    }

    private static bool? Try(string env)
    {
        try
        {
            var start = Supervisor.Detached(env, ["--default-signal"], "/", new Dictionary<string, string>());
            using var process = Process.Start(start)!;
            if (process.WaitForExit(Limit))
                return process.ExitCode == 0;
            process.Kill();
            return null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
