using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GlueOrleans.Benchmarks.Node;

/// <summary>
/// <c>GET /simulated/memory</c>: how many bytes of managed objects the node keeps, once what nobody needs is gone. As JSON:
/// <c>{"heap": bytes, "resident": bytes, "grains": number}</c>.
/// </summary>
/// <remarks>Grains stay as they are: a job's, with its queue, is never idle for long while its runs wait.</remarks>
internal sealed class MemoryProbe(IServiceProvider services) : IStartupFilter
{
    private const string Path = "/simulated/memory";

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) =>
        app =>
        {
            app.Map(Path, probe => probe.Run(Answer));
            next(app);
        };

    private async Task Answer(HttpContext http)
    {
        var silos = services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        // Twice: what has a finalizer is only gone after that has run.
        for (var round = 0; round < 2; round++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        await http.Response.WriteAsJsonAsync(
            new
            {
                heap = GC.GetTotalMemory(forceFullCollection: true),
                resident = Environment.WorkingSet,
                grains = await silos.GetTotalActivationCount(),
            }
        );
    }
}
