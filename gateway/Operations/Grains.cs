using GlueOrleans.Gateway.Protocol;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Profiles;
using GlueOrleans.GrainInterfaces.SecurityConfigurations;

namespace GlueOrleans.Gateway.Operations;

/// <summary>The grains that answer for what a caller's account has.</summary>
internal static class Grains
{
    public static IJobGrain Job(this IGrainFactory grains, Caller caller, string name) =>
        grains.Grain<IJobGrain>(new JobKey(caller.Account, name).GrainKey);

    /// <summary>
    /// A refusal for a name that no job can have, so that no grain is asked: the model bounds the names of jobs where they
    /// are made, and leaves the <c>JobName</c> of bookmark requests unbounded.
    /// </summary>
    public static Refusal? RefusalOfName(string jobName) =>
        ResourceName.IsPossible(jobName)
            ? null
            : Refusal.NotFound($"Job with name: {EchoedValue.Of(jobName)} not found.");

    public static IJobCatalogGrain Catalog(this IGrainFactory grains, Caller caller) =>
        grains.GetGrain<IJobCatalogGrain>(caller.Account);

    public static ISecurityConfigurationsGrain SecurityConfigurations(this IGrainFactory grains, Caller caller) =>
        grains.GetGrain<ISecurityConfigurationsGrain>(caller.Account);

    public static IUsageProfilesGrain UsageProfiles(this IGrainFactory grains, Caller caller) =>
        grains.GetGrain<IUsageProfilesGrain>(caller.Account);
}
