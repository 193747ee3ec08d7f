namespace GlueOrleans.Executors.Cage;

/// <summary>Gives each run a user id that no other run has as long as anything of it lives (Executor:Uids).</summary>
/// <remarks>
/// Authoritative is <c>run.uid</c> in the runs' directories: a node that has just been started reads there which ids are
/// taken. What is in memory only says which are free, and which will be in a moment.
/// </remarks>
internal sealed class ScriptUsers(UidRange range, string runsFolder)
{
    private readonly Lock _gate = new();

    /// <summary>The run of each id that is taken; <c>null</c> until the directories have been looked at.</summary>
    private Dictionary<int, string>? _taken;

    public int Count => range.Count;

    /// <summary>The run's id: the one it has, or a free one. <c>null</c>: all are taken.</summary>
    /// <param name="runId">Whose directory is not made yet, or not handed over.</param>
    /// <param name="isKnown">Whether a run may still be busy here, so that its id is not taken from it.</param>
    public int? Take(string runId, Func<string, bool> isKnown)
    {
        lock (_gate)
        {
            var taken = _taken ??= Look();
            foreach (var (uid, holder) in taken)
            {
                if (holder == runId)
                    return uid;
            }

            var free = Free(taken);
            if (free is null && GiveBackForgotten(taken, isKnown))
                free = Free(taken);
            if (free is { } found)
                taken[found] = runId;
            return free;
        }
    }

    /// <summary>Nothing of the run is to live any more. If something does, its id stays taken.</summary>
    public void GiveBack(RunDirectory run)
    {
        lock (_gate)
        {
            if (ProcessTree.Lives(run))
                return;
            run.GiveUidBack();
            foreach (
                var uid in (_taken ??= Look()).Where(held => held.Value == run.Id).Select(held => held.Key).ToList()
            )
                _taken.Remove(uid);
        }
    }

    private int? Free(Dictionary<int, string> taken)
    {
        if (taken.Count >= range.Count && Enumerable.Range(range.First, range.Count).All(taken.ContainsKey))
            return null;
        // Somebody else's, if there are any, and not to be touched.
        var busy = ProcessTree.Users();
        for (var uid = range.First; uid <= range.Last; uid++)
        {
            if (!taken.ContainsKey(uid) && !busy.Contains(uid))
                return uid;
        }

        return null;
    }

    /// <summary>Runs that were ended by others than their run's end: with the lease, or with their node.</summary>
    private bool GiveBackForgotten(Dictionary<int, string> taken, Func<string, bool> isKnown)
    {
        var any = false;
        foreach (var (uid, runId) in taken.Where(held => !isKnown(held.Value)).ToList())
        {
            var run = new RunDirectory(runsFolder, runId);
            if (ProcessTree.Lives(run) || run.ReadClaim() is Claim.Supervised { Supervisor.IsAlive: true })
                continue;
            run.GiveUidBack();
            taken.Remove(uid);
            any = true;
        }

        return any;
    }

    private Dictionary<int, string> Look()
    {
        var taken = new Dictionary<int, string>();
        if (!Directory.Exists(runsFolder))
            return taken;
        foreach (var folder in Directory.EnumerateDirectories(runsFolder))
        {
            var name = Path.GetFileName(folder);
            if (RunDirectory.IsRunId(name) && new RunDirectory(runsFolder, name).Uid is { } uid)
                taken[uid] = name;
        }

        return taken;
    }
}
