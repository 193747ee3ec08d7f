using GlueOrleans.Grains.Ports;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Silo.Events;

internal static class EventRegistration
{
    /// <summary>Makes the file and the webhook what <see cref="IRunEvents"/> writes to, as far as they are configured.</summary>
    /// <remarks>To be called before Orleans is added: what starts before it stops after it, and so gets its last events.</remarks>
    public static void AddRunEvents(this WebApplicationBuilder builder, DataFolder data)
    {
        var services = builder.Services;
        services.AddSingleton<IValidateOptions<EventOptions>, ValidateEventOptions>();
        builder.Bind<EventOptions>("Events");
        services.AddSingleton(provider => new EventSinks([
            .. new EventSink?[] { EventFile.Create(provider, data.Path), Webhook.Create(provider) }.OfType<EventSink>(),
        ]));
        services.AddHostedService(provider => provider.GetRequiredService<EventSinks>());
        services.AddSingleton<IRunEvents, RunEventPublisher>();
    }
}

/// <summary>The configured places, started and stopped as one.</summary>
internal sealed class EventSinks(IReadOnlyList<EventSink> sinks) : IHostedService, IDisposable
{
    public void Offer(byte[] document)
    {
        foreach (var sink in sinks)
            sink.Offer(document);
    }

    public bool IsEmpty => sinks.Count == 0;

    public Task StartAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(sinks.Select(sink => sink.StartAsync(cancellationToken)));

    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(sinks.Select(sink => sink.StopAsync(cancellationToken)));

    public void Dispose()
    {
        foreach (var sink in sinks)
            sink.Dispose();
    }
}
