namespace GlueOrleans.Executors.Lease;

/// <summary>What the runs of a folder have running on this machine, whoever started it and whenever that was.</summary>
internal sealed class RunProcesses(string runsFolder)
{
    /// <summary>The runs of which something lives. Looks at all directories, also of a long history.</summary>
    /// <remarks>What cannot be read keeps nobody from ending the rest: its run is then known by its mark alone.</remarks>
    public IReadOnlyList<RunDirectory> Living()
    {
        if (!Directory.Exists(runsFolder))
            return [];
        var living = new Dictionary<string, RunDirectory>(StringComparer.Ordinal);
        foreach (var (_, runId) in Marked())
        {
            // Of one in a cage the user says more than the mark, which any script can put on.
            var run = new RunDirectory(runsFolder, runId);
            if (!run.IsCaged || ProcessTree.Lives(run))
                living[runId] = run;
        }

        var caged = new List<RunDirectory>();
        try
        {
            foreach (var folder in Directory.EnumerateDirectories(runsFolder))
            {
                // Not lost+found, nor those that are being deleted.
                var name = Path.GetFileName(folder);
                if (!RunDirectory.IsRunId(name) || living.ContainsKey(name))
                    continue;
                var run = new RunDirectory(runsFolder, name);
                if (Lives(run))
                    living[name] = run;
                else if (Read(run, static run => run.Uid) is not null)
                    caged.Add(run);
            }
        }
        catch (Exception e) when (IsUnreadable(e)) { }

        foreach (var (_, runId) in ProcessTree.Of(caged))
            living[runId] = new RunDirectory(runsFolder, runId);
        return [.. living.Values];
    }

    /// <summary>Asks the scripts to end.</summary>
    public static void Ask(IEnumerable<RunDirectory> runs)
    {
        foreach (var run in runs)
        {
            if (Read(run, static run => run.ReadChild()) is { IsAlive: true } script)
                ProcessTree.SignalGroup(run.Id, script, Posix.Sigterm);
        }
    }

    /// <summary>Ends all that is left of these runs. A supervisor lives on to record the exit, if its script was started.</summary>
    public static void Kill(IReadOnlyList<RunDirectory> runs)
    {
        foreach (var run in runs)
        {
            if (Read(run, static run => run.ReadChild()) is { } script)
                ProcessTree.SignalGroup(run.Id, script, Posix.Sigkill);
            else if (
                Read(run, static run => run.ReadClaim()) is Claim.Supervised
                {
                    Supervisor: { IsAlive: true } supervisor
                }
            )
                Posix.Kill(supervisor.Pid, Posix.Sigkill);
        }

        ProcessTree.Kill(runs);
    }

    /// <summary>Those of these runs of which something lives.</summary>
    public static IReadOnlyList<RunDirectory> Living(IReadOnlyList<RunDirectory> runs)
    {
        var found = ProcessTree.Of(runs).Select(process => process.RunId).ToHashSet(StringComparer.Ordinal);
        return [.. runs.Where(run => found.Contains(run.Id) || Lives(run))];
    }

    private static bool Lives(RunDirectory run) =>
        Read(run, static run => run.ReadChild()) is { IsAlive: true }
        || Read(run, static run => run.ReadClaim()) is Claim.Supervised { Supervisor.IsAlive: true };

    /// <summary>As if it were not there, when it cannot be read.</summary>
    private static T? Read<T>(RunDirectory run, Func<RunDirectory, T?> read)
    {
        try
        {
            return read(run);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return default;
        }
    }

    private static bool IsUnreadable(Exception e) => e is IOException or UnauthorizedAccessException;

    /// <summary>Another node's runs are in another folder. What is in this one may be unreadable, or gone: the script may do as
    /// it likes.</summary>
    private IEnumerable<(int Pid, string RunId)> Marked() =>
        ProcessTree
            .AllMarked()
            .Where(process =>
                RunDirectory.IsRunId(process.RunId) && Directory.Exists(Path.Combine(runsFolder, process.RunId))
            );
}
