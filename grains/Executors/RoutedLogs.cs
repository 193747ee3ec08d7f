using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Grains.Executors;

/// <summary>Has a log read by the node that has it.</summary>
internal sealed class RoutedLogs(ThisNode here, ExecutorSilos silos, IExecutorServiceClient others, INodeLogs? local)
    : IRunLogs
{
    /// <exception cref="ExecutorUnreachableException">There may be a log, on a node that cannot be asked now.</exception>
    public async Task<RunLogPart?> Read(RunRecord run, RunLog log, RunLogRange range)
    {
        if (local is not null && (run.Executor is null || run.Executor.Node == here.Name))
            return await local.Read(run, log, range);
        // A run that never held a slot has printed nothing anywhere.
        if (run.Executor is not { } executor)
            return null;
        if (silos.Find(executor.Node) is not { } silo)
            throw Unreachable(executor, null);
        try
        {
            return await others.On(silo).ReadLog(run, log, range);
        }
        catch (Exception e) when (e is OrleansException or TimeoutException)
        {
            throw Unreachable(executor, e);
        }
    }

    private static ExecutorUnreachableException Unreachable(ExecutorTenure executor, Exception? inner) =>
        new(
            $"The run's output is on the executor node {executor.Node}, which cannot be reached now. Ask again when it is "
                + "back.",
            inner!
        );
}
