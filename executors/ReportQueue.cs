using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using Polly;

namespace GlueOrleans.Executors;

/// <summary>One run's reports, on their way to the run's grain: in order, each until it is delivered. They bear the tenure
/// under which the run was placed here.</summary>
internal sealed class ReportQueue(
    string runId,
    ExecutorTenure? executor,
    IRunReports reports,
    ResiliencePipeline retry,
    CancellationToken lettingGo
)
{
    private readonly Lock _gate = new();
    private Task _delivered = Task.CompletedTask;

    /// <summary>Never throws and never waits. What is not delivered when the run is let go is derived again at Resume.</summary>
    public void Add(RunReport report)
    {
        lock (_gate)
            _delivered = DeliverAfter(_delivered, report with { Executor = executor });
    }

    /// <summary>Completes when all reports added so far are delivered, or the run is let go.</summary>
    public Task Delivered()
    {
        lock (_gate)
            return _delivered;
    }

    private async Task DeliverAfter(Task before, RunReport report)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            // Nearly always the only try, and the pipeline's first one costs more than it.
            if (await IsDeliveredAtOnce(report))
                return;
            await retry.ExecuteAsync(
                static async (delivery, cancellation) =>
                    await delivery.reports.Deliver(delivery.runId, delivery.report, cancellation),
                (reports, runId, report),
                lettingGo
            );
        }
        catch (Exception) when (lettingGo.IsCancellationRequested) { }
    }

    private async Task<bool> IsDeliveredAtOnce(RunReport report)
    {
        lettingGo.ThrowIfCancellationRequested();
        try
        {
            await reports.Deliver(runId, report, lettingGo);
            return true;
        }
        catch (Exception) when (!lettingGo.IsCancellationRequested)
        {
            return false;
        }
    }
}
