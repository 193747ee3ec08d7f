using GlueOrleans.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GlueOrleans.Tests.FuzzSuite.Hosts;

/// <summary>The gateway over <see cref="RandomGrains"/>: all that is ours in front of the grains, and nothing behind.</summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    private readonly RandomGrains.Dice _dice;
    private readonly WebApplication _app;

    private FakeGateway(RandomGrains.Dice dice, WebApplication app) => (_dice, _app) = (dice, app);

    /// <summary>Where Kestrel listens, if it does.</summary>
    public Uri Address => new(_app.Urls.First());

    /// <summary>For what the grains answer to the next requests.</summary>
    public Random Random
    {
        set => _dice.Random = value;
    }

    /// <param name="server">In place of Kestrel; <c>null</c>: Kestrel, at a free port of loopback.</param>
    public static async Task<FakeGateway> Start(PipelineServer? server)
    {
        var dice = new RandomGrains.Dice();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(RandomGrains.Create(dice));
        builder.Services.AddGlueGateway();
        if (server is not null)
            builder.Services.AddSingleton<IServer>(server);
        else
            builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGlue();
        await app.StartAsync();
        return new FakeGateway(dice, app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
