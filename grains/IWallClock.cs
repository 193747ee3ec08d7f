using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GlueOrleans.Grains;

/// <summary>
/// The wall's clock, for what happens outside of Glue: processes, files, disks and networks take the time they take. All
/// else, what rows hold and users see, is on the node's clock: the injected <see cref="TimeProvider"/>, which may run
/// faster than the wall's, and ahead of it.
/// </summary>
public interface IWallClock
{
    /// <summary>For waits and bounds, and nothing that is shown or kept.</summary>
    TimeProvider Time { get; }

    /// <summary>How many times faster than this one the node's clock runs. At least 1.</summary>
    double NodeSpeed { get; }

    /// <summary>The node's time at an instant of the wall's that is not in the future, such as a file's.</summary>
    DateTimeOffset ToNode(DateTimeOffset wall);
}

/// <summary>The usual case: one clock is both.</summary>
public sealed class OneClock(TimeProvider clock) : IWallClock
{
    public TimeProvider Time => clock;

    public double NodeSpeed => 1;

    public DateTimeOffset ToNode(DateTimeOffset wall) => wall;
}

public static class ClockServices
{
    /// <summary>Makes sure that both clocks are there: those of the host, else the system's for both.</summary>
    public static IServiceCollection TryAddClocks(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IWallClock>(provider => new OneClock(provider.GetRequiredService<TimeProvider>()));
        return services;
    }
}
