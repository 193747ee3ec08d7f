using GlueOrleans.Gateway.Protocol;
using GlueOrleans.GrainInterfaces.Jobs;

namespace GlueOrleans.Gateway.Operations;

/// <summary>The grains that answer for a caller's jobs.</summary>
internal static class Grains
{
    public static IJobGrain Job(this IGrainFactory grains, Caller caller, string name) =>
        grains.GetGrain<IJobGrain>(new JobKey(caller.Account, name).GrainKey);

    public static IJobCatalogGrain Catalog(this IGrainFactory grains, Caller caller) =>
        grains.GetGrain<IJobCatalogGrain>(caller.Account);
}
