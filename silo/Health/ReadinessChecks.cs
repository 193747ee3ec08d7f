using GlueOrleans.Executors.Lease;
using GlueOrleans.Gateway;
using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GlueOrleans.Silo.Health;

/// <summary>A node that is about to stop should get no more requests.</summary>
internal sealed class DrainCheck(Draining draining) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
        Task.FromResult(
            draining.HasBegun ? HealthCheckResult.Unhealthy("The node is stopping.") : HealthCheckResult.Healthy()
        );
}

/// <summary>The silo is a member that others know of, and has not been declared dead.</summary>
internal sealed class SiloCheck(ISiloStatusOracle silos) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
        Task.FromResult(
            silos.CurrentStatus == SiloStatus.Active
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"The silo is {silos.CurrentStatus}, not Active, in the cluster.")
        );
}

/// <summary>The run table answers a question about one row.</summary>
/// <remarks>Anybody may ask for health, and often: all who ask at a time wait for one answer, and one that is late is not asked
/// for again.</remarks>
internal sealed class DatabaseCheck(IRunStore runs) : IHealthCheck
{
    private readonly Lock _gate = new();
    private Task? _asked;

    /// <summary>Of no run: ids begin otherwise.</summary>
    private const string NoRun = "health";

    public async Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken
    )
    {
        try
        {
            // The store has patience of its own; whoever asks for health has less.
            await Ask().WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("The database does not answer in time.");
        }
        catch (Exception e)
        {
            return HealthCheckResult.Unhealthy("The database does not answer.", e);
        }
    }

    private Task Ask()
    {
        lock (_gate)
            return _asked is { IsCompleted: false } asked ? asked : _asked = runs.Find(NoRun);
    }
}

/// <summary>The node may start the scripts of runs that are placed on it.</summary>
internal sealed class LeaseCheck(NodeTenure tenure) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
        Task.FromResult(
            tenure.WhyNoLaunch is { } why
                ? HealthCheckResult.Unhealthy($"No script can be started: {why}")
                : HealthCheckResult.Healthy()
        );
}

/// <summary>A node that is only a gateway can reach a silo.</summary>
internal sealed class ConnectionCheck(IClusterLink silos) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
        Task.FromResult(
            silos.IsUp ? HealthCheckResult.Healthy()
            : silos.WasEverUp ? HealthCheckResult.Unhealthy("No silo can be reached.")
            : HealthCheckResult.Unhealthy("No silo has been found in the database yet; the node's log says why.")
        );
}
