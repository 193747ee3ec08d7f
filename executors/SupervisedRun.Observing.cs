using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Executors;

/// <summary>How a run's end is noticed, completed and explained.</summary>
internal sealed partial class SupervisedRun
{
    private const string Fenced =
        "The executor node could not renew its lease (Executor:Lease), so the script was ended: the database was out of "
        + "its reach for too long, or the node was not running.";

    /// <summary>The limit that the script passed, when this node has seen it.</summary>
    private volatile string? _limitPassed;

    private readonly Lock _killing = new();

    /// <summary>Ends soon after the process, or before.</summary>
    private Task _watching = Task.CompletedTask;

    private void Observe(Claim? claim, Task gone, bool isOwn)
    {
        if (claim is Claim.Supervised { Supervisor: var identity })
            _supervisor = identity;
        _observation = Task.Run(() => Observing(gone, isOwn));
        _watching = Task.Run(() => Watching(gone));
    }

    private async Task Observing(Task gone, bool isOwn)
    {
        try
        {
            await gone;
            await Again(() => Conclude(isOwn));
        }
        catch (OperationCanceledException) when (lettingGo.IsCancellationRequested) { }
        catch (Exception e)
        {
            services.Log.RequestFailed(e, directory.Id);
        }
    }

    private async Task Conclude(bool isOwn)
    {
        await EndWhatIsLeft();
        if (directory.ReadExit() is { } exit)
        {
            var (bookmark, fault) = exit.ExitCode == 0 ? directory.Bookmark.ReadCommit() : default;
            // For a process found again the file knows better when it ended than the clock does now.
            Over(
                new RunReport.Exited
                {
                    At = isOwn ? services.Now : services.OnNodeClock(exit.At),
                    ExitCode = exit.ExitCode,
                    AfterStop = _stopCameFirst || directory.IsStopMarked,
                    Bookmark = bookmark,
                    ErrorMessage =
                        fault
                        ?? (exit.ExitCode == 0 ? null : WhyEnded())
                        ?? FailureMessage.For(
                            exit.ExitCode,
                            exit.ExitCode == 0 ? "" : directory.ReadErrorTail(FailureMessage.Tail),
                            placed.Settings.ScriptArguments
                        ),
                }
            );
            return;
        }

        Over(
            NeverRan(
                services.Now,
                WhyEnded() is { } why ? why
                    : _supervisor.IsOfEarlierBoot
                        ? "The script's process vanished without recording an exit: the machine was restarted."
                    : "The script's process vanished without recording an exit: it was killed from outside."
            )
        );
    }

    /// <summary>What the node ended the script for, if it did.</summary>
    private string? WhyEnded() =>
        (_limitPassed ?? directory.LimitPassed) is { Length: > 0 } passed ? FailureMessage.Cut(passed)
        : directory.IsFenced ? Fenced
        : null;

    /// <summary>"Exited" means that nothing of the run is left, also when the supervisor could not see to that.</summary>
    private async Task EndWhatIsLeft()
    {
        if (directory.ReadExit() is null)
            Signal(Posix.Sigkill);
        for (var round = 0; ; round++)
        {
            var found = ProcessTree.Kill([directory]);
            // A process that is being killed loses its environment, and so its mark, a moment before it is gone.
            if (directory.ReadChild() is { IsAlive: true } child)
                found |= Posix.Kill(child.Pid, Posix.Sigkill);
            if (!found)
                return;
            if (round == ExecutorServices.KillRounds)
            {
                services.Log.Undead(
                    directory.Id,
                    string.Join(", ", ProcessTree.Of([directory]).Select(left => left.Pid))
                );
                return;
            }

            await Task.Delay(ExecutorServices.KillPause, services.Wall.Time, lettingGo);
        }
    }

    /// <summary>Ends the script when it has passed a limit: at once, since it would go on for as long as it was given.</summary>
    private async Task Watching(Task gone)
    {
        try
        {
            if (await services.Limits.Passed(directory, gone, lettingGo) is not { } passed)
                return;
            services.Log.LimitPassed(directory.Id, passed);
            _limitPassed = passed;
            NoteLimit(passed);
            lock (_killing)
            {
                // Afterwards the user id may be another run's.
                if (_isOver)
                    return;
                Signal(Posix.Sigkill);
                ProcessTree.Kill([directory]);
            }
        }
        catch (OperationCanceledException) when (lettingGo.IsCancellationRequested) { }
        catch (Exception e)
        {
            services.Log.RequestFailed(e, directory.Id);
        }
    }

    /// <summary>For the next node, should this one die over it. A disk that is full by now does not matter.</summary>
    private void NoteLimit(string passed)
    {
        try
        {
            directory.MarkLimitPassed(passed);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            services.Log.RequestFailed(e, directory.Id);
        }
    }
}
