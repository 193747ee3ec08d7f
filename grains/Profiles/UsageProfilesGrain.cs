using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Profiles;
using GlueOrleans.Grains.Accounts;
using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.State;
using GlueOrleans.Grains.Tags;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Grains.Profiles;

/// <summary>The usage profiles of one account.</summary>
[CollectionAgeLimit(Minutes = 5)]
public sealed class UsageProfilesGrain(
    [PersistentState(UsageProfilesGrain.StateName, GrainStateJson.StorageName)]
        IPersistentState<AccountMap<UsageProfile>> state,
    IOptions<AccountLimits> limits,
    TimeProvider clock
) : AccountMapGrain<UsageProfile>(state), IUsageProfilesGrain
{
    public const string StateName = "usage-profiles";

    public async Task<Outcome<UsageProfile>> Create(
        string name,
        string? description,
        ProfileConfiguration configuration,
        IReadOnlyDictionary<string, string> tags
    )
    {
        if (Entry(name) is not null)
            return new Refusal(RefusalKind.AlreadyExists, $"Usage profile '{name}' already exists.");
        if (Problem(configuration) is { } problem)
            return Refusal.InvalidInput(problem);
        var checkedTags = TagRules.Check(tags);
        if (checkedTags.IsRefused)
            return checkedTags.Refusal;
        var most = limits.Value.UsageProfiles;
        if (Count >= most)
            return AccountLimits.Reached("usage profiles", nameof(AccountLimits.UsageProfiles), most);

        var now = clock.GetUtcMilliseconds();
        return await Store(
            new UsageProfile
            {
                Name = name,
                Description = description,
                Configuration = configuration,
                Tags = tags,
                CreatedOn = now,
                LastModifiedOn = now,
            }
        );
    }

    public async Task<Outcome<UsageProfile>> Update(
        string name,
        string? description,
        ProfileConfiguration configuration
    )
    {
        if (Entry(name) is not { } existing)
            return NotFound(name);
        if (Problem(configuration) is { } problem)
            return Refusal.InvalidInput(problem);
        return await Store(
            existing with
            {
                Description = description,
                Configuration = configuration,
                LastModifiedOn = clock.GetUtcMilliseconds(),
            }
        );
    }

    public Task<UsageProfile?> Find(string name) => Task.FromResult(Entry(name));

    public Task<IReadOnlyList<UsageProfile>> List(string? after, int limit) =>
        Task.FromResult(EntriesAfter(after, limit));

    public async Task Delete(string name)
    {
        if (Entry(name) is not null)
            await Remove(name);
    }

    public Task<Outcome<UsageProfile>> Tag(string name, IReadOnlyDictionary<string, string> tags) =>
        WithTags(name, existing => TagRules.Add(existing, tags));

    public Task<Outcome<UsageProfile>> Untag(string name, IReadOnlyList<string> keys) =>
        WithTags(name, existing => Outcome.Of(TagRules.Remove(existing, keys)));

    private async Task<Outcome<UsageProfile>> WithTags(
        string name,
        Func<IReadOnlyDictionary<string, string>, Outcome<IReadOnlyDictionary<string, string>>> change
    )
    {
        if (Entry(name) is not { } existing)
            return NotFound(name);
        var tags = change(existing.Tags);
        if (tags.IsRefused)
            return tags.Refusal;
        return TagRules.AreSame(existing.Tags, tags.Value)
            ? existing
            : await Store(existing with { Tags = tags.Value });
    }

    private async Task<Outcome<UsageProfile>> Store(UsageProfile profile)
    {
        await Put(profile.Name, profile);
        return profile;
    }

    private static string? Problem(ProfileConfiguration configuration) =>
        SizeProblem("Configuration", configuration, GrainStateJson.Default.ProfileConfiguration)
        ?? ProfileConfigurationRules.Problem(configuration);

    private static Refusal NotFound(string name) => Refusal.NotFound($"Usage profile '{name}' not found.");
}
