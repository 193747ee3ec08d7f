using System.Collections.Concurrent;
using GlueOrleans.Executors;
using GlueOrleans.Executors.Lease;
using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Bookmarks;
using GlueOrleans.Grains.Ports;
using Polly;
using Polly.Retry;

namespace GlueOrleans.Benchmarks.Node;

/// <summary>What becomes of a simulated script.</summary>
internal enum SimulatedOutcome
{
    /// <summary>It runs until it is stopped.</summary>
    Running,

    /// <summary>It has ended with exit code 0 as soon as it was started.</summary>
    Succeed,
}

/// <summary>An executor without processes. Its reports go the way of the real one's: in order, each until it is stored.</summary>
/// <remarks>What it holds of a run is its id: what a real script costs the node's memory is not in it.</remarks>
internal sealed class SimulatedExecutor(
    SimulatedOutcome outcome,
    IRunReports reports,
    NodeTenure tenure,
    TimeProvider clock
) : INodeExecutor, IDisposable
{
    /// <summary>An argument of a run that has succeeded as soon as it is started, whatever the others do.</summary>
    private const string EndsAtOnce = "--simulated-outcome";

    private static readonly ResiliencePipeline Retry = new ResiliencePipelineBuilder()
        .AddRetry(
            new RetryStrategyOptions
            {
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(10),
            }
        )
        .Build();

    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<string, bool> _runs = new(StringComparer.Ordinal);

    public ExecutorTenure? Tenure => tenure.Current;

    public string? WhyNotReady => tenure.WhyNoLaunch;

    public bool Knows(string runId) => _runs.ContainsKey(runId);

    public void ExpectOnly(IReadOnlySet<string> runIds) { }

    public Task Launch(RunRecord run, BookmarkInput? bookmark)
    {
        if (tenure.IsCurrent(run.Executor) && tenure.WhyNoLaunch is null)
            Begin(run);
        else
            Report(
                run,
                new RunReport.NoRoom
                {
                    At = Now,
                    Version = run.Version,
                    Limit = "No lease.",
                }
            );
        return Task.CompletedTask;
    }

    public Task FailLaunch(RunRecord run, string errorMessage)
    {
        if (Knows(run.Id))
            return Resume(run);
        Report(run, new RunReport.LaunchFailed { At = Now, ErrorMessage = errorMessage });
        return Task.CompletedTask;
    }

    /// <remarks>Nothing of a simulated script can be lost, so whatever was launched before a restart goes on.</remarks>
    public Task Resume(RunRecord run)
    {
        Begin(run);
        return Task.CompletedTask;
    }

    public Task Stop(RunRecord run)
    {
        End(
            run,
            new RunReport.Exited
            {
                At = Now,
                ExitCode = 143,
                AfterStop = true,
            }
        );
        return Task.CompletedTask;
    }

    public Task Drain(RunRecord run) => Stop(run);

    public Task<bool> Forget(string runId, ExecutorTenure? executor) => Task.FromResult(!Knows(runId));

    public void Dispose()
    {
        _closing.Cancel();
        _closing.Dispose();
    }

    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());

    private void Begin(RunRecord run)
    {
        _runs[run.Id] = true;
        var launched = new RunReport.Launched { At = Now };
        if (outcome == SimulatedOutcome.Running && !run.Settings.ScriptArguments.ContainsKey(EndsAtOnce))
            Report(run, launched);
        else
            End(run, launched, new RunReport.Exited { At = Now, ExitCode = 0 });
    }

    private ReportQueue Report(RunRecord run, params ReadOnlySpan<RunReport> news)
    {
        var queue = new ReportQueue(run.Id, run.Executor, reports, Retry, _closing.Token);
        foreach (var report in news)
            queue.Add(report);
        return queue;
    }

    /// <summary>The last report is the run's end, after which it is known no more.</summary>
    private void End(RunRecord run, params ReadOnlySpan<RunReport> news)
    {
        _ = Drop(Report(run, news).Delivered());

        async Task Drop(Task delivered)
        {
            await delivered;
            _runs.TryRemove(run.Id, out _);
        }
    }
}
