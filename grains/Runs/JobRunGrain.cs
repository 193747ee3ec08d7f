using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Grains.Runs;

/// <summary>
/// Carries one run through its life: offers each event to <see cref="RunLifecycle"/>, stores the decision, then acts.
/// Lives while the run does; a finished run is a row.
/// </summary>
/// <remarks>An activation never deactivates itself while it is activated: the call that activated it would be sent on to
/// the next activation, which would do the same, and be refused in the end.</remarks>
[CollectionAgeLimit(Minutes = 2)]
public sealed partial class JobRunGrain(
    IRunStore store,
    IRunExecutor executor,
    IOptions<RunDeadlines> deadlines,
    TimeProvider clock,
    ILogger<JobRunGrain> log
) : Grain, IJobRunGrain
{
    /// <summary>Grain timers reach 49.7 days; a later deadline is armed again when the timer fires early.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(45);

    /// <summary>Another writer of this row can only be a second, dying activation: one reload settles it.</summary>
    private const int MostReloads = 3;

    private RunRecord? _run;
    private IGrainTimer? _deadline;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _run = await store.Find(this.GetPrimaryKeyString());
        if (_run is null || _run.State.IsTerminal())
            return;

        if (await Offer(new RunEvent.TakenUp()) is not RunDecision.Moved)
        {
            ArmDeadline();
            await Perform(RunLifecycle.EffectsOwed(_run));
        }
    }

    /// <remarks>Activation has done the work; what is left is a deadline whose timer was lost or has not fired yet.</remarks>
    public async Task Wake()
    {
        if (_run is { DueAt: { } dueAt } run && dueAt <= clock.GetUtcMilliseconds())
            await Offer(new RunEvent.DeadlinePassed(run.State, dueAt));
    }

    public async Task<bool> RequestStop() =>
        _run is not null
        && await Offer(new RunEvent.StopRequested()) switch
        {
            RunDecision.Moved => true,
            RunDecision.Ignored => true, // STOPPING already
            _ => false,
        };

    public async Task Report(RunReport report)
    {
        if (_run is null)
        {
            LogUnknown(this.GetPrimaryKeyString(), report.GetType().Name);
            return;
        }

        RunEvent happened = report switch
        {
            RunReport.Launched launched => new RunEvent.Launched(launched.At),
            RunReport.LaunchFailed failed => new RunEvent.LaunchFailed(failed.At, failed.ErrorMessage),
            RunReport.Exited exited => new RunEvent.Exited(exited.At, exited.ExitCode, exited.ErrorMessage),
            _ => throw new ArgumentOutOfRangeException(nameof(report), report, "Not a report this grain knows."),
        };
        await Offer(happened);
    }

    /// <summary>Decide, store, act. A row that somebody else has written meanwhile is read again and decided again.</summary>
    private async Task<RunDecision> Offer(RunEvent happened)
    {
        for (var reloads = 0; ; reloads++)
        {
            var run = _run!;
            var decision = RunLifecycle.Decide(run, happened, clock.GetUtcMilliseconds(), deadlines.Value);
            if (decision is not RunDecision.Moved moved)
            {
                LogNotMoved(run.Id, happened.GetType().Name, decision);
                return decision;
            }

            var saved = await store.SaveIfUnchanged(moved.Next, run.Version);
            if (saved == SaveResult.Saved)
            {
                _run = moved.Next;
                LogMoved(run.Id, run.Job, run.State, moved.Next.State);
                ArmDeadline();
                await Perform(moved.Effects);
                return decision;
            }

            if (reloads == MostReloads)
                throw new InvalidOperationException(
                    $"Run {run.Id} is being written by somebody else, again and again."
                );
            _run = await store.Find(run.Id);
            if (_run is null)
                return new RunDecision.Ignored("the run's row is gone");
        }
    }

    private async Task Perform(IReadOnlyList<RunEffect> effects)
    {
        var run = _run!;
        foreach (var effect in effects)
        {
            try
            {
                await Perform(run, effect);
            }
            catch (Exception e)
            {
                // The row stands, and with it what is owed: the next activation or the state's deadline makes up for it.
                LogEffectFailed(e, run.Id, effect);
            }
        }

        if (run.State.IsTerminal())
            DeactivateOnIdle();
    }

    private Task Perform(RunRecord run, RunEffect effect) =>
        effect switch
        {
            RunEffect.Launch => executor.Launch(run),
            RunEffect.Resume => executor.Resume(run),
            RunEffect.StopProcess => executor.Stop(run),
            RunEffect.ReleaseSlot => ReleaseSlot(run),
            _ => throw new ArgumentOutOfRangeException(nameof(effect), effect, "Not an effect this grain performs."),
        };

    /// <remarks>Not awaited: the job may be waiting for this grain. A lost call is made up for by the job itself.</remarks>
    private Task ReleaseSlot(RunRecord run)
    {
        GrainFactory.GetGrain<IJobGrain>(run.Job.ToString()).RunEnded(run.Id).Ignore();
        return Task.CompletedTask;
    }

    private void ArmDeadline()
    {
        _deadline?.Dispose();
        _deadline = null;
        if (_run is null || _run.State.IsTerminal())
            return;
        // A timer does not keep a grain in memory, so the run does, until it has ended.
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        if (_run.DueAt is not { } dueAt)
            return;
        var left = dueAt - clock.GetUtcNow();
        var wait = left < TimeSpan.Zero ? TimeSpan.Zero : (left > LongestTimer ? LongestTimer : left);
        _deadline = this.RegisterGrainTimer(OnDeadline, new GrainTimerCreationOptions(wait, Timeout.InfiniteTimeSpan));
    }

    private async Task OnDeadline(CancellationToken cancellation)
    {
        if (_run is not { DueAt: { } dueAt } run)
            return;
        // A timer counts from the moment it was armed and may fire a little early by the clock.
        if (dueAt > clock.GetUtcMilliseconds())
            ArmDeadline();
        else
            await Offer(new RunEvent.DeadlinePassed(run.State, dueAt));
    }
}
