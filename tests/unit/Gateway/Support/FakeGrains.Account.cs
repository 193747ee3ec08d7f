using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Profiles;
using GlueOrleans.GrainInterfaces.SecurityConfigurations;

namespace GlueOrleans.Tests.Unit.Gateway.Support;

/// <summary>What an account has besides jobs.</summary>
internal sealed partial class FakeGrains : ISecurityConfigurationsGrain, IUsageProfilesGrain
{
    public SortedDictionary<string, SecurityConfiguration> SecurityConfigurations { get; } =
        new(StringComparer.Ordinal);

    public SortedDictionary<string, UsageProfile> Profiles { get; } = new(StringComparer.Ordinal);

    Task<Outcome<SecurityConfiguration>> ISecurityConfigurationsGrain.Create(
        string name,
        EncryptionConfiguration encryption
    )
    {
        var created = new SecurityConfiguration
        {
            Name = name,
            CreatedTimeStamp = AJob.Noon,
            EncryptionConfiguration = encryption,
        };
        SecurityConfigurations[name] = created;
        return Task.FromResult<Outcome<SecurityConfiguration>>(created);
    }

    Task<SecurityConfiguration?> ISecurityConfigurationsGrain.Find(string name) =>
        Task.FromResult(SecurityConfigurations.GetValueOrDefault(name));

    Task<IReadOnlyList<SecurityConfiguration>> ISecurityConfigurationsGrain.List(string? after, int limit) =>
        Task.FromResult(Page(SecurityConfigurations, after, limit));

    Task<bool> ISecurityConfigurationsGrain.Delete(string name) => Task.FromResult(SecurityConfigurations.Remove(name));

    Task<Outcome<UsageProfile>> IUsageProfilesGrain.Create(
        string name,
        string? description,
        ProfileConfiguration configuration,
        IReadOnlyDictionary<string, string> tags
    ) => Task.FromResult<Outcome<UsageProfile>>(Profiles[name] = Profile(name, description, configuration, tags));

    Task<Outcome<UsageProfile>> IUsageProfilesGrain.Update(
        string name,
        string? description,
        ProfileConfiguration configuration
    ) =>
        Task.FromResult<Outcome<UsageProfile>>(
            Profiles[name] = Profile(name, description, configuration, new Dictionary<string, string>())
        );

    Task<UsageProfile?> IUsageProfilesGrain.Find(string name) => Task.FromResult(Profiles.GetValueOrDefault(name));

    Task<IReadOnlyList<UsageProfile>> IUsageProfilesGrain.List(string? after, int limit) =>
        Task.FromResult(Page(Profiles, after, limit));

    Task IUsageProfilesGrain.Delete(string name)
    {
        Profiles.Remove(name);
        return Task.CompletedTask;
    }

    Task<Outcome<UsageProfile>> IUsageProfilesGrain.Tag(string name, IReadOnlyDictionary<string, string> tags)
    {
        Tags = tags;
        return Task.FromResult(FoundProfile(name));
    }

    Task<Outcome<UsageProfile>> IUsageProfilesGrain.Untag(string name, IReadOnlyList<string> keys)
    {
        RemovedTags = keys;
        return Task.FromResult(FoundProfile(name));
    }

    private Outcome<UsageProfile> FoundProfile(string name) =>
        Profiles.GetValueOrDefault(name) is { } profile ? profile : Refusal.NotFound("No such profile.");

    private static UsageProfile Profile(
        string name,
        string? description,
        ProfileConfiguration configuration,
        IReadOnlyDictionary<string, string> tags
    ) =>
        new()
        {
            Name = name,
            Description = description,
            Configuration = configuration,
            Tags = tags,
            CreatedOn = AJob.Noon,
            LastModifiedOn = AJob.Noon,
        };

    private static IReadOnlyList<T> Page<T>(SortedDictionary<string, T> all, string? after, int limit) =>
        [.. all.Where(entry => string.CompareOrdinal(entry.Key, after) > 0).Take(limit).Select(entry => entry.Value)];
}
