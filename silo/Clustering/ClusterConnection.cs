using GlueOrleans.Gateway;

namespace GlueOrleans.Silo.Clustering;

/// <summary>
/// The connection of a gateway to the silos. It is made in the background, and tried again until it succeeds, so that the
/// node starts, serves and says what it lacks while no silo is there.
/// </summary>
/// <remarks>
/// Orleans' client is started once in its life; started, it follows the list of silos in the database by itself, also over
/// times when there are none. Only its start would hold the host's up; so it is taken out of the host's hands.
/// </remarks>
internal sealed partial class ClusterConnection(IServiceProvider services, ILogger<ClusterConnection> log)
    : BackgroundService,
        IClusterConnectionStatusObserver,
        IClusterLink
{
    private const string OrleansKey = "started by ClusterConnection";

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
        if (_hasSilos)
            LogLost();
        _hasSilos = false;
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

    [LoggerMessage(62, LogLevel.Warning, "No silo can be reached. Requests fail until there is one again.")]
    private partial void LogLost();

    [LoggerMessage(63, LogLevel.Information, "Silos can be reached again.")]
    private partial void LogRecovered();
}
