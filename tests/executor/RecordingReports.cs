using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Tests.Executor;

/// <summary>Takes the place of the grains: keeps what was delivered, and lets a test wait for it.</summary>
internal sealed class RecordingReports : IRunReports
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private readonly List<(string RunId, RunReport Report)> _delivered = [];
    private TaskCompletionSource _changed = New();

    /// <summary>Deliveries that still fail, as when a silo is down.</summary>
    public int Failures { get; set; }

    /// <summary>What the grains do before a delivery returns.</summary>
    public Func<string, RunReport, Task> WhileDelivering { get; set; } = static (_, _) => Task.CompletedTask;

    public async Task Deliver(string runId, RunReport report, CancellationToken cancellation)
    {
        Record(runId, report);
        await WhileDelivering(runId, report);
    }

    private void Record(string runId, RunReport report)
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
