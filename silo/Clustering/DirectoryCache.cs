using Orleans.Configuration;

namespace GlueOrleans.Silo.Clustering;

/// <summary>Where each grain lives, as each silo remembers it. It keeps that of grains that have gone, too: of every run that
/// has ended.</summary>
internal static class DirectoryCache
{
    /// <summary>Orleans' own bound is a million (10.4.2), which is 330 MB. This is 16 MB, and more jobs than a silo starts runs of
    /// in a minute; what is not here is asked of the silo that knows.</summary>
    private const int Entries = 50_000;

    public static void BoundDirectoryCache(this ISiloBuilder silo) =>
        silo.Configure<GrainDirectoryOptions>(o => o.CacheSize = Entries);
}
