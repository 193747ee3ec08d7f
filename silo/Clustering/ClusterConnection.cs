using GlueOrleans.Gateway;
using GlueOrleans.Storage.Postgres;

namespace GlueOrleans.Silo.Clustering;

/// <summary>
/// The connection of a gateway to the silos. It is made in the background, and tried again until it succeeds, so that the
/// node starts, serves and says what it lacks while no silo is there.
/// </summary>
/// <remarks>
/// Orleans' client is started once in its life; started, it follows the list of silos in the database by itself, also over
/// times when there are none. Only its start would hold the host's up; so it is taken out of the host's hands.
/// </remarks>
internal sealed partial class ClusterConnection(
    IServiceProvider services,
    PostgresStorageOptions database,
    ILogger<ClusterConnection> log
) : BackgroundService, IClusterConnectionStatusObserver, IClientConnectionRetryFilter, IClusterLink
{
    private const string OrleansKey = "started by ClusterConnection";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private string? _problem;
    private volatile bool _isStarted;
    private volatile bool _hasSilos;

    public bool WasEverUp => _isStarted;

    public bool IsUp => _isStarted && _hasSilos;

    /// <summary>Makes this the starter of what Orleans has just added to the services to be started with the host.</summary>
    /// <param name="services">Orleans' client is among them.</param>
    /// <param name="othersServices">How many there were before Orleans added its own.</param>
    public static void Host(IServiceCollection services, int othersServices)
    {
        for (var i = services.Count - 1; i >= othersServices; i--)
        {
            if (
                services[i] is not { ServiceType: var type, IsKeyedService: false } hosted
                || type != typeof(IHostedService)
            )
                continue;
            services[i] = hosted switch
            {
                { ImplementationType: { } implementation } => ServiceDescriptor.KeyedSingleton(
                    type,
                    OrleansKey,
                    implementation
                ),
                { ImplementationFactory: { } factory } => ServiceDescriptor.KeyedSingleton(
                    type,
                    OrleansKey,
                    (provider, _) => factory(provider)
                ),
                _ => ServiceDescriptor.KeyedSingleton(type, OrleansKey, hosted.ImplementationInstance!),
            };
        }

        services.AddSingleton<IClusterConnectionStatusObserver>(provider =>
            provider.GetRequiredService<ClusterConnection>()
        );
        services.AddSingleton<IClientConnectionRetryFilter>(provider =>
            provider.GetRequiredService<ClusterConnection>()
        );
        services.AddHostedService(provider => provider.GetRequiredService<ClusterConnection>());
    }

    public void NotifyGatewayCountChanged(
        int currentNumberOfGateways,
        int previousNumberOfGateways,
        bool connectionRecovered
    )
    {
        var had = _hasSilos;
        _hasSilos = currentNumberOfGateways > 0;
        if (_hasSilos && !had && _isStarted)
            LogRecovered();
    }

    public void NotifyClusterConnectionLost()
    {
        if (_hasSilos && _isStarted)
            LogLost();
        _hasSilos = false;
    }

    /// <summary>Orleans asks whether to try again: always. What is in the way is said once, until it is something else.</summary>
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        var problem = database.Explain(exception) ?? exception.Message;
        if (problem != _problem)
            LogNotYet(problem);
        _problem = problem;
        await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        return true;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        foreach (var client in Client().Reverse())
            await client.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Never on the host's own thread: nobody waits for the first answer of the database.
        await Task.Yield();
        LogConnecting();
        foreach (var client in Client())
            await client.StartAsync(stoppingToken);
        _hasSilos = true;
        _isStarted = true;
        LogConnected();
    }

    private IEnumerable<IHostedService> Client() => services.GetKeyedServices<IHostedService>(OrleansKey);

    [LoggerMessage(60, LogLevel.Information, "Looking for silos.")]
    private partial void LogConnecting();

    [LoggerMessage(61, LogLevel.Information, "Connected to the silos.")]
    private partial void LogConnected();

    [LoggerMessage(69, LogLevel.Warning, "No silo can be reached yet; it is tried again every second: {Problem}")]
    private partial void LogNotYet(string problem);

    [LoggerMessage(62, LogLevel.Warning, "No silo can be reached. Requests fail until there is one again.")]
    private partial void LogLost();

    [LoggerMessage(63, LogLevel.Information, "Silos can be reached again.")]
    private partial void LogRecovered();
}
