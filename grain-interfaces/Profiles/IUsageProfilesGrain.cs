using Orleans.Concurrency;

namespace GlueOrleans.GrainInterfaces.Profiles;

/// <summary>The usage profiles of one account. The key is the account.</summary>
[Alias("IUsageProfilesGrain")]
public interface IUsageProfilesGrain : IGrainWithStringKey
{
    /// <summary>Refusals: InvalidInput, AlreadyExists, ResourceNumberLimitExceeded.</summary>
    [Alias("Create")]
    [ResponseTimeout("00:00:30")] // not to be repeated: given up late
    Task<Outcome<UsageProfile>> Create(
        string name,
        string? description,
        ProfileConfiguration configuration,
        IReadOnlyDictionary<string, string> tags
    );

    /// <summary>Replaces description and configuration. Refusals: InvalidInput, EntityNotFound.</summary>
    [Alias("Update")]
    Task<Outcome<UsageProfile>> Update(string name, string? description, ProfileConfiguration configuration);

    /// <summary><c>null</c>: there is none of this name.</summary>
    [Alias("Find"), AlwaysInterleave]
    Task<UsageProfile?> Find(string name);

    /// <summary>Up to <paramref name="limit"/>, in ordinal order of their names, after <paramref name="after"/>.</summary>
    [Alias("List"), AlwaysInterleave]
    Task<IReadOnlyList<UsageProfile>> List(string? after, int limit);

    /// <summary>Deleting nothing succeeds.</summary>
    [Alias("Delete")]
    Task Delete(string name);

    /// <summary>Adds tags, in place of those with the same keys. Refusals: EntityNotFound, InvalidInput.</summary>
    [Alias("Tag")]
    Task<Outcome<UsageProfile>> Tag(string name, IReadOnlyDictionary<string, string> tags);

    /// <summary>Removes the tags that are there. Refusal: EntityNotFound.</summary>
    [Alias("Untag")]
    Task<Outcome<UsageProfile>> Untag(string name, IReadOnlyList<string> keys);
}
