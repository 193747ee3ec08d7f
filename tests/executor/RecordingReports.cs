using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Tests.Executor;

/// <summary>Takes the place of the grains: keeps what was delivered, and lets a test wait for it.</summary>
internal sealed class RecordingReports : IRunReports
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly List<(string RunId, RunReport Report)> _delivered = [];
    private TaskCompletionSource _changed = New();

    /// <summary>Deliveries that still fail, as when a silo is down.</summary>
    public int Failures { get; set; }

    public Task Deliver(string runId, RunReport report, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (Failures > 0)
            {
                Failures--;
                throw new TimeoutException("The silo is down.");
            }

            _delivered.Add((runId, report));
            _changed.SetResult();
            _changed = New();
        }

        return Task.CompletedTask;
    }

    public IReadOnlyList<RunReport> Of(string runId)
    {
        lock (_gate)
            return [.. _delivered.Where(entry => entry.RunId == runId).Select(entry => entry.Report)];
    }

    /// <summary>The run's next report after <paramref name="seen"/> of this kind that were reported before.</summary>
    public async Task<T> Next<T>(string runId, int seen = 0)
        where T : RunReport
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            Task next;
            lock (_gate)
            {
                if (Of(runId).OfType<T>().Skip(seen).FirstOrDefault() is { } found)
                    return found;
                next = _changed.Task;
            }

            try
            {
                await next.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                var actual = string.Join(", ", Of(runId));
                throw new TimeoutException(
                    $"Run {runId}: expected report {seen + 1} of {typeof(T).Name} within {Patience.TotalSeconds} s; got [{actual}]."
                );
            }
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
