using Orleans.Configuration;

namespace GlueOrleans.Silo.Clustering;

/// <summary>Where each grain lives, as each silo remembers it. It keeps that of grains that have gone, too: of every run that
/// has ended.</summary>
internal static class DirectoryCache
{
    /// <summary>Orleans' own bound is a million (10.4.2), which is 330 MB. This is 3 MB, and more than the jobs and runs that a silo
    /// has to do with within some seconds; what is not here is asked of the silo that knows.</summary>
    private const int Entries = 10_000;

    public static void BoundDirectoryCache(this ISiloBuilder silo) =>
        silo.Configure<GrainDirectoryOptions>(o => o.CacheSize = Entries);
}
