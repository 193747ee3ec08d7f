using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;

namespace GlueOrleans.Grains.Ports;

/// <summary>
/// Launches, observes and stops the processes of runs. Each run id is one attempt, so all verbs are idempotent per run.
/// But for
/// Forget they return as soon as the request is taken; what comes of it is reported through <see cref="IRunReports"/>.
/// </summary>
public interface IRunExecutor
{
    /// <summary>
    /// Starts the run's script, unless it was started before: then this is <see cref="Resume"/>.
    /// Reports Launched and later Exited, or LaunchFailed, or NoRoom: then nothing was started, and a later Launch may.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="bookmark">What the script is told of its job's bookmark, for good: that of a launch which is repeated is
    /// ignored. <c>null</c>: nothing.</param>
    Task Launch(RunRecord run, BookmarkInput? bookmark);

    /// <summary>
    /// Rules the launch out and reports LaunchFailed with this message, unless the script was started before: then this is
    /// <see cref="Resume"/>, and reports Launched as well.
    /// </summary>
    Task FailLaunch(RunRecord run, string errorMessage);

    /// <summary>
    /// Takes up a run again that was launched before, after a restart: observes its process if that is alive, else
    /// reports the exit it recorded, else an exit nobody recorded (-1). Never starts anything.
    /// </summary>
    Task Resume(RunRecord run);

    /// <summary>
    /// Ends the run's processes: SIGTERM, after the grace period SIGKILL. Reports Exited when all are gone, also when
    /// there never were any. A launch that comes later is refused.
    /// </summary>
    Task Stop(RunRecord run);

    /// <summary>
    /// Asks the run's processes to end, with SIGTERM, and leaves them the time they need. Reports as <see cref="Stop"/>
    /// does, which may follow.
    /// </summary>
    Task Drain(RunRecord run);

    /// <summary>
    /// Deletes what is kept of a run that has ended: its script, its output, its files. False, with nothing deleted, while
    /// a process of it may live. True also when there was nothing.
    /// </summary>
    /// <remarks>Throws when something cannot be deleted; the next call goes on with it.</remarks>
    /// <param name="runId">Which run.</param>
    /// <param name="executor">Where it was placed. A node that is gone, with its lease, keeps nothing of it.</param>
    Task<bool> Forget(string runId, ExecutorTenure? executor);
}

/// <summary>Where an executor's reports go: to the run's grain.</summary>
public interface IRunReports
{
    /// <summary>Returns when the report is in the run's row. Throws when that is not known; then deliver it again.</summary>
    Task Deliver(string runId, RunReport report, CancellationToken cancellation);
}
