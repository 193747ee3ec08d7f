using Orleans.Concurrency;

namespace GlueOrleans.GrainInterfaces.SecurityConfigurations;

/// <summary>The security configurations of one account. The key is the account.</summary>
[Alias("ISecurityConfigurationsGrain")]
public interface ISecurityConfigurationsGrain : IGrainWithStringKey
{
    /// <summary>Refusals: InvalidInput, AlreadyExists, ResourceNumberLimitExceeded.</summary>
    [Alias("Create")]
    [ResponseTimeout("00:00:30")] // not to be repeated: given up late
    Task<Outcome<SecurityConfiguration>> Create(string name, EncryptionConfiguration encryption);

    /// <summary><c>null</c>: there is none of this name.</summary>
    [Alias("Find"), AlwaysInterleave]
    Task<SecurityConfiguration?> Find(string name);

    /// <summary>Up to <paramref name="limit"/>, in ordinal order of their names, after <paramref name="after"/>.</summary>
    [Alias("List"), AlwaysInterleave]
    Task<IReadOnlyList<SecurityConfiguration>> List(string? after, int limit);

    /// <summary>Whether there was one to delete. Jobs that name it are not looked for: their next run is refused.</summary>
    [Alias("Delete")]
    [ResponseTimeout("00:00:30")] // not to be repeated: given up late
    Task<bool> Delete(string name);
}
