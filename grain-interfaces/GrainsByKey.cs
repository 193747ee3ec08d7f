using System.Runtime.CompilerServices;

namespace GlueOrleans.GrainInterfaces;

/// <summary>References to grains, without what makes them dear.</summary>
/// <remarks>Orleans reads the attributes of a grain's interface by reflection for each reference that is asked for by that
/// interface (10.4.2; 6 % of a StartJobRun). By the names of its type, which the first reference tells, it does not.</remarks>
public static class GrainsByKey
{
    /// <summary>The grain with this key, as <see cref="IGrainFactory"/> gives it.</summary>
    public static TGrain Grain<TGrain>(this IGrainFactory factory, string key)
        where TGrain : class, IGrainWithStringKey
    {
        if (Names<TGrain>.Known.TryGetValue(factory, out var known))
            return (TGrain)factory.GetGrain(GrainId.Create(known.Grain, key), known.Interface);
        var grain = factory.GetGrain<TGrain>(key);
        if (grain is GrainReference reference)
            Names<TGrain>.Known.AddOrUpdate(factory, new TypeNames(reference.GrainId.Type, reference.InterfaceType));
        return grain;
    }

    private sealed record TypeNames(GrainType Grain, GrainInterfaceType Interface);

    private static class Names<TGrain>
    {
        public static ConditionalWeakTable<IGrainFactory, TypeNames> Known { get; } = [];
    }
}
