using System.Collections.Concurrent;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains;
using GlueOrleans.Grains.Bookmarks;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Retry;

namespace GlueOrleans.Executors;

/// <summary>Runs scripts as processes of this machine that outlive this one.</summary>
/// <remarks>
/// Authoritative is each run's directory: who may start the script, which process it is, how it ended. supervisor.sh, which
/// writes there, describes the protocol and what each failure leads to. This class only keeps, per run, what is being
/// waited for, and can lose it at any time; Resume finds it again.
/// </remarks>
public sealed class ProcessExecutor : IRunExecutor, IAsyncDisposable
{
    private static readonly TimeSpan TimeToLetGo = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _closing = new();

    /// <summary>So that two launches do not both take the last room.</summary>
    private readonly Lock _launching = new();
    private readonly ConcurrentDictionary<string, SupervisedRun> _runs = new(StringComparer.Ordinal);
    private readonly IRunReports _reports;
    private readonly ExecutorServices _services;
    private readonly S3Scripts _s3;

    public ProcessExecutor(
        IRunReports reports,
        IOptions<ProcessExecutorOptions> options,
        IOptions<S3Options> s3Options,
        TimeProvider clock,
        IWallClock wall,
        ILogger<ProcessExecutor> log
    )
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("Scripts run as Unix processes: use Linux, macOS, or WSL.");
        _reports = reports;
        _s3 = new S3Scripts(s3Options);
        _services = new ExecutorServices
        {
            Options = options.Value,
            Scripts = new ScriptSource(_s3),
            Planner = new LaunchPlanner(options.Value),
            Watch = new ProcessWatch(wall.Time, _closing.Token),
            Retry = Patience(wall.Time, log),
            Clock = clock,
            Wall = wall,
            Log = log,
            Closing = _closing.Token,
            Forget = Drop,
        };
    }

    public Task Launch(RunRecord run, BookmarkInput? bookmark)
    {
        lock (_launching)
        {
            if (HasRoomFor(run))
                Of(run).Launch(run, bookmark);
            else
                ReportsOf(run.Id).Add(NoRoom(run));
        }

        return Task.CompletedTask;
    }

    public Task FailLaunch(RunRecord run, string errorMessage)
    {
        Of(run).FailLaunch(errorMessage);
        return Task.CompletedTask;
    }

    public Task Resume(RunRecord run)
    {
        Of(run).Resume();
        return Task.CompletedTask;
    }

    public Task Stop(RunRecord run)
    {
        Of(run).Stop();
        return Task.CompletedTask;
    }

    public Task Drain(RunRecord run)
    {
        Of(run).Drain();
        return Task.CompletedTask;
    }

    /// <remarks>A run that is in memory is not over, or its last report not delivered.</remarks>
    public Task<bool> Forget(string runId)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        // Deleting is the disk's work: it must not be done on the caller's scheduler.
        return Task.Run(() =>
            !_runs.ContainsKey(runId) && new RunDirectory(_services.Options.RunsFolder, runId).TryRemove()
        );
    }

    /// <summary>The files that a run's script writes its output to.</summary>
    public RunLogFiles Logs(string runId) => RunLogFiles.Of(_services.Options.RunsFolder, runId);

    /// <summary>Stops observing. The processes live on, for the next node on this folder to find.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
            return;
        await _closing.CancelAsync();
        // What does not let go in time (a file system that hangs) ends with the process.
        await Task.WhenAll(_runs.Values.Select(run => run.Finished()))
            .WaitAsync(TimeToLetGo, _services.Wall.Time)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _s3.Dispose();
    }

    /// <summary>The run as it is known here. A request to one that is just being forgotten has nothing left to do.</summary>
    private SupervisedRun Of(RunRecord run)
    {
        ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
        return _runs.GetOrAdd(
            run.Id,
            static (id, self) =>
                new SupervisedRun(
                    new RunDirectory(self._services.Options.RunsFolder, id),
                    self.ReportsOf(id),
                    self._services
                ),
            this
        );
    }

    private ReportQueue ReportsOf(string runId) => new(runId, _reports, _services.Retry, _closing.Token);

    /// <summary>A run that was started before has its room already; one that is over has none, although its last report
    /// may still be on the way: who hears of its end may be here before that is known to be delivered.</summary>
    private bool HasRoomFor(RunRecord run) =>
        _services.Options.MaxRuns == 0
        || _runs.Values.Count(other => !other.IsOver) < _services.Options.MaxRuns
        || _runs.ContainsKey(run.Id)
        || new RunDirectory(_services.Options.RunsFolder, run.Id).ReadClaim() is not null;

    private RunReport.NoRoom NoRoom(RunRecord run) =>
        new()
        {
            At = _services.Now,
            Version = run.Version,
            Limit =
                $"Waiting for a script of this node to end: it runs {_services.Options.MaxRuns} at a time "
                + "(Executor:MaxRuns).",
        };

    private async Task Drop(string runId, SupervisedRun run, Task delivered)
    {
        await delivered;
        _runs.TryRemove(KeyValuePair.Create(runId, run));
    }

    private static ResiliencePipeline Patience(TimeProvider time, ILogger log) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(
                new RetryStrategyOptions
                {
                    MaxRetryAttempts = int.MaxValue,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    Delay = TimeSpan.FromMilliseconds(100),
                    MaxDelay = TimeSpan.FromSeconds(10),
                    ShouldHandle = static outcome =>
                        ValueTask.FromResult(
                            outcome.Outcome.Exception is { } e
                                && !outcome.Context.CancellationToken.IsCancellationRequested
                        ),
                    OnRetry = outcome =>
                    {
                        log.TryingAgain(outcome.RetryDelay.TotalSeconds, outcome.Outcome.Exception?.Message);
                        return default;
                    },
                }
            )
            .Build();
}
