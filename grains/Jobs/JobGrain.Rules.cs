using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Profiles;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.GrainInterfaces.SecurityConfigurations;
using GlueOrleans.Grains.Profiles;

namespace GlueOrleans.Grains.Jobs;

/// <summary>What the account has to say on a job or a run: its usage profiles and its security configurations.</summary>
public sealed partial class JobGrain
{
    /// <summary>What a run is started with. Refusals: InvalidInput; EntityNotFound for a usage profile or a security
    /// configuration that does not exist.</summary>
    /// <remarks>Asks no other grain when neither is named. Deleting either afterwards does not touch the run.</remarks>
    private async Task<Outcome<RunSettings>> Resolve(JobDefinition job, StartRun request)
    {
        var (profile, missing) = await FindProfile(request.ProfileName);
        if (missing is not null)
            return Refusal.NotFound(missing);

        var settings = RunSettingsResolver.Resolve(job.Settings, UsageProfileRules.Fill(profile, job, request));
        if (settings.IsRefused)
            return settings.Refusal;
        if (UsageProfileRules.Problem(profile, settings.Value) is { } problem)
            return Refusal.InvalidInput(problem);

        // Glue lets a job name one that does not exist; a run cannot be encrypted by nothing.
        if (
            settings.Value.SecurityConfiguration is { } name
            && await GrainFactory.GetGrain<ISecurityConfigurationsGrain>(_key.Account).Find(name) is null
        )
        {
            return Refusal.NotFound(
                $"Security configuration '{name}' not found: create it with CreateSecurityConfiguration."
            );
        }

        return settings.Value;
    }

    /// <summary>A new job, with all defaults in place. Refusal: InvalidInput, also for a usage profile that does not exist:
    /// CreateJob declares no EntityNotFoundException.</summary>
    private async Task<Outcome<JobDefinition>> Define(
        JobSettings sent,
        IReadOnlyDictionary<string, string> tags,
        string? profileName
    )
    {
        var (profile, missing) = await FindProfile(profileName);
        if (missing is not null)
            return Refusal.InvalidInput(missing);

        var filled = UsageProfileRules.Fill(profile, sent);
        var complete = JobRules.Complete(filled, keptGlueVersion: null, defaults.Value);
        if (complete.IsRefused)
            return complete.Refusal;
        if (UsageProfileRules.Problem(profile, complete.Value) is { } problem)
            return Refusal.InvalidInput(problem);

        var now = clock.GetUtcMilliseconds();
        return new JobDefinition
        {
            Name = _key.Name,
            Settings = complete.Value,
            CreatedAs = sent,
            Tags = tags,
            CreatedOn = now,
            LastModifiedOn = now,
            ProfileName = profile?.Name,
            TimeoutIsDefault = filled.Timeout is null,
            SizeIsDefault = JobRules.IsUnsized(filled),
        };
    }

    /// <summary>The usage profile that applies to a request, if any; or why there is none although one should.</summary>
    private async Task<(UsageProfile? Profile, string? Missing)> FindProfile(string? named)
    {
        if (UsageProfileRules.NameFor(named, defaults.Value) is not { } name)
            return (null, null);
        var profile = await GrainFactory.GetGrain<IUsageProfilesGrain>(_key.Account).Find(name);
        return (profile, profile is null ? UsageProfileRules.Missing(name, isNamed: named is not null) : null);
    }
}
