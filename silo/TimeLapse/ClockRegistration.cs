using GlueOrleans.Grains;
using GlueOrleans.Grains.Runs;
using Microsoft.Extensions.Options;
using Orleans.Reminders;

namespace GlueOrleans.Silo.TimeLapse;

internal static class ClockRegistration
{
    /// <summary>Makes the node's clock that of its data folder, at the configured speed.</summary>
    /// <remarks>To be called before Orleans is added: the time is written down when all else has stopped.</remarks>
    public static void AddClock(this WebApplicationBuilder builder, DataFolder data)
    {
        var services = builder.Services;
        services.AddSingleton<IValidateOptions<ClockOptions>, ValidateClockOptions>();
        builder.Bind<ClockOptions>("Clock");
        services.AddSingleton(provider =>
            ClockKeeper.Open(
                data.Path,
                provider.GetRequiredService<IOptions<ClockOptions>>().Value.Speed,
                TimeProvider.System,
                provider.GetRequiredService<ILogger<ClockKeeper>>()
            )
        );
        services.AddSingleton(provider => provider.GetRequiredService<ClockKeeper>().Clock);
        services.AddSingleton(provider => provider.GetRequiredService<ClockKeeper>().Wall);
        services.AddHostedService(provider => provider.GetRequiredService<ClockKeeper>());

        // The one place where settings in wall time become time on the node's clock, which is what deadlines are kept in.
        services
            .AddOptions<RunDeadlines>()
            .PostConfigure<IOptions<ClockOptions>>((runs, clock) => runs.OnAClockAtSpeed(clock.Value.Speed));
    }

    /// <summary>The system's clock, as nodes that share their runs must have: theirs would differ.</summary>
    public static void AddRealTime(this WebApplicationBuilder builder)
    {
        builder.Services.TryAddClocks();
        builder.Services.AddSingleton<IValidateOptions<ClockOptions>, ValidateClockOptions>();
        builder
            .Bind<ClockOptions>("Clock")
            .Validate(
                clock => clock.Speed == 1,
                "Clock:Speed is not 1, which only a node that is alone can have: leave it out, or leave Cluster:Database out."
            );
    }

    /// <summary>Orleans' own loops (probes, timeouts, collections) wait for real things; its grains' timers do not.</summary>
    public static void UseWallClockForOrleans(this ISiloBuilder silo)
    {
        foreach (
            var area in new[]
            {
                TimeProviderNames.Messaging,
                TimeProviderNames.SystemTimers,
                TimeProviderNames.Membership,
                TimeProviderNames.ActivationManagement,
                TimeProviderNames.GrainDirectory,
                ReminderTimeProviderNames.Reminders,
            }
        )
            silo.Services.AddKeyedSingleton(area, TimeProvider.System);
    }
}
