using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

/// <summary>Runs that use bookmarks; the test plays the scripts.</summary>
public abstract class BookmarkCluster : GlueCluster
{
    internal static JobKey Key { get; } = new("000000000000", JobName);

    internal static StartRun Request(string option, string? from = null, string? to = null)
    {
        var arguments = new Dictionary<string, string> { [BookmarkOptions.Option] = option };
        if (from is not null)
            arguments[BookmarkOptions.FromOption] = from;
        if (to is not null)
            arguments[BookmarkOptions.ToOption] = to;
        return new StartRun { Arguments = arguments };
    }

    internal async Task<string> StartRunning(string option, string? from = null, string? to = null)
    {
        var started = await Job.StartRun(Request(option, from, to));
        var runId = started.Value ?? throw new InvalidOperationException(started.Refusal?.Message);
        await Executor.Next(Asked.Launch);
        await Launched(runId);
        return runId;
    }

    /// <summary>What the run was launched with.</summary>
    internal BookmarkInput Input(string runId) =>
        Executor.Bookmarks[runId]
        ?? throw new InvalidOperationException($"Run {runId} was launched without a bookmark.");

    /// <summary>The script of a run committed this and exits.</summary>
    internal Task Commits(
        string runId,
        string state,
        int exitCode = 0,
        bool afterStop = false,
        long? revision = null
    ) =>
        Run(runId)
            .Report(
                new RunReport.Exited
                {
                    At = Now,
                    ExitCode = exitCode,
                    AfterStop = afterStop,
                    Bookmark = new BookmarkCommit(
                        revision ?? Input(runId).Revision,
                        Executor.Bookmarks[runId]?.Version ?? 0,
                        state
                    ),
                }
            );

    /// <summary>A whole run that commits this.</summary>
    internal async Task<string> Succeed(string state)
    {
        var runId = await StartRunning("job-bookmark-enable");
        await Commits(runId, state);
        Assert.Equal(JobRunState.Succeeded, (await Read(runId)).State);
        return runId;
    }

    internal async Task<BookmarkEntry> Bookmark()
    {
        var entry = await Job.GetBookmark(null, null);
        return entry.Value ?? throw new InvalidOperationException(entry.Refusal?.Message);
    }

    internal static void AssertNoBookmark(Outcome<BookmarkEntry> answer) =>
        Assert.Equal(
            new Refusal(RefusalKind.EntityNotFound, $"Continuation for job {JobName} not found"),
            answer.Refusal
        );
}
