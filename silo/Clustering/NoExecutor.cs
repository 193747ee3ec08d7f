using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains;
using GlueOrleans.Grains.Bookmarks;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Silo.Clustering;

/// <summary>Of a silo that runs no scripts: whatever it is given has to wait for one that does.</summary>
internal sealed class NoExecutor(IRunReports reports, TimeProvider clock) : IRunExecutor, IRunLogs
{
    private const string Limit = "The silo that holds this run has no executor.";

    public Task Launch(RunRecord run, BookmarkInput? bookmark)
    {
        reports
            .Deliver(
                run.Id,
                new RunReport.NoRoom
                {
                    At = clock.GetUtcMilliseconds(),
                    Limit = Limit,
                    Version = run.Version,
                },
                CancellationToken.None
            )
            .Ignore();
        return Task.CompletedTask;
    }

    public Task FailLaunch(RunRecord run, string errorMessage)
    {
        reports
            .Deliver(
                run.Id,
                new RunReport.LaunchFailed { At = clock.GetUtcMilliseconds(), ErrorMessage = errorMessage },
                CancellationToken.None
            )
            .Ignore();
        return Task.CompletedTask;
    }

    public Task Resume(RunRecord run) => Task.FromException(NotHere(run));

    public Task Stop(RunRecord run) => Task.FromException(NotHere(run));

    public Task Drain(RunRecord run) => Task.FromException(NotHere(run));

    /// <summary>Whether another node has its files is not known here, so they are not called forgotten.</summary>
    public Task<bool> Forget(string runId) => Task.FromResult(false);

    public Task<RunLogPart?> Read(RunRecord run, RunLog log, RunLogRange range) => Task.FromResult<RunLogPart?>(null);

    private static InvalidOperationException NotHere(RunRecord run) =>
        new($"Run {run.Id} is in {run.State}, and not on this silo, which runs no scripts.");
}
