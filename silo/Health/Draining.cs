using GlueOrleans.Grains;
using GlueOrleans.Silo.Clustering;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Silo.Health;

/// <summary>
/// The beginning of a graceful stop: the node says that it is not ready, and goes on serving for
/// <see cref="ClusterOptions.DrainDelay"/>, until nobody sends it requests any more. Then the host stops the rest: intake
/// first, then upkeep, then the silo.
/// </summary>
internal sealed partial class Draining(
    IHostApplicationLifetime host,
    IOptions<ClusterOptions> cluster,
    IWallClock wall,
    ILogger<Draining> log
) : IHostedLifecycleService
{
    /// <summary>What the parts of a node have to stop in, once requests have ceased. A silo hands over, or writes down, some
    /// hundred thousand grains in it.</summary>
    public static readonly TimeSpan TimeToStop = TimeSpan.FromSeconds(30);

    private CancellationTokenRegistration _registration;

    public bool HasBegun { get; private set; }

    /// <summary>A signal is heard before anything is stopped.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        _registration = host.ApplicationStopping.Register(() => HasBegun = true);
        return Task.CompletedTask;
    }

    /// <summary>The host waits for this before it stops anything.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        HasBegun = true;
        await _registration.DisposeAsync();
        var delay = cluster.Value.DrainDelay;
        if (delay == TimeSpan.Zero)
            return;
        LogDraining(delay);
        await Task.Delay(delay, wall.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(70, LogLevel.Information, "Stopping: not ready from now on; requests are still served for {Delay}.")]
    private partial void LogDraining(TimeSpan delay);
}
