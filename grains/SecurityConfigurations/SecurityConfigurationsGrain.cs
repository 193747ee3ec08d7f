using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.SecurityConfigurations;
using GlueOrleans.Grains.Accounts;
using GlueOrleans.Grains.Jobs;
using GlueOrleans.Grains.State;
using Microsoft.Extensions.Options;

namespace GlueOrleans.Grains.SecurityConfigurations;

/// <summary>The security configurations of one account.</summary>
[CollectionAgeLimit(Minutes = 5)]
public sealed class SecurityConfigurationsGrain(
    [PersistentState(SecurityConfigurationsGrain.StateName, GrainStateJson.StorageName)]
        IPersistentState<AccountMap<SecurityConfiguration>> state,
    IOptions<AccountLimits> limits,
    TimeProvider clock
) : AccountMapGrain<SecurityConfiguration>(state), ISecurityConfigurationsGrain
{
    public const string StateName = "security-configurations";

    public async Task<Outcome<SecurityConfiguration>> Create(string name, EncryptionConfiguration encryption)
    {
        if (Entry(name) is not null)
        {
            return new Refusal(
                RefusalKind.AlreadyExists,
                $"Security configuration '{name}' already exists. It cannot be changed: delete it first, or use another name."
            );
        }

        var problem = SizeProblem(
            "EncryptionConfiguration",
            encryption,
            GrainStateJson.Default.EncryptionConfiguration
        );
        if (problem is not null)
            return Refusal.InvalidInput(problem);

        var most = limits.Value.SecurityConfigurations;
        if (Count >= most)
            return AccountLimits.Reached("security configurations", nameof(AccountLimits.SecurityConfigurations), most);

        var created = new SecurityConfiguration
        {
            Name = name,
            CreatedTimeStamp = clock.GetUtcMilliseconds(),
            EncryptionConfiguration = encryption,
        };
        await Put(name, created);
        return created;
    }

    public Task<SecurityConfiguration?> Find(string name) => Task.FromResult(Entry(name));

    public Task<IReadOnlyList<SecurityConfiguration>> List(string? after, int limit) =>
        Task.FromResult(EntriesAfter(after, limit));

    public async Task<bool> Delete(string name)
    {
        if (Entry(name) is null)
            return false;
        await Remove(name);
        return true;
    }
}
