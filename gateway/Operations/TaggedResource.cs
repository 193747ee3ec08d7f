using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Jobs;
using GlueOrleans.GrainInterfaces.Profiles;

namespace GlueOrleans.Gateway.Operations;

/// <summary>A resource that the tag operations name by its ARN, whatever its kind.</summary>
internal abstract class TaggedResource
{
    /// <summary>What an ARN names, for permissions, whoever's it is. Nothing, if it is none that has tags.</summary>
    public static IEnumerable<Resource> Named(string text) =>
        GlueArn.TryParse(text) switch
        {
            { Kind: "job" } arn => [Resource.Job(arn.Name)],
            { Kind: "usageProfile" } arn => [Resource.UsageProfile(arn.Name)],
            _ => [],
        };

    /// <summary>The resource that an ARN names; whether it exists is seen by asking it. Refusals: InvalidInput,
    /// EntityNotFound (another account's).</summary>
    public static Outcome<TaggedResource> Find(IGrainFactory grains, Caller caller, string text)
    {
        if (GlueArn.TryParse(text) is not { } arn)
        {
            return Refusal.InvalidInput(
                $"ResourceArn '{EchoedValue.Of(text)}' is not valid: write "
                    + "arn:<partition>:glue:<region>:<account>:<kind>/<name>."
            );
        }

        TaggedResource? resource = arn.Kind switch
        {
            "job" => new Job(grains.Job(caller, arn.Name), arn),
            "usageProfile" => new Profile(grains.UsageProfiles(caller), arn),
            _ => null,
        };
        if (resource is null)
        {
            return Refusal.InvalidInput(
                $"ResourceArn '{EchoedValue.Of(text)}' names a resource of the kind '{EchoedValue.Of(arn.Kind)}', which has "
                    + $"no tags here: only job/<name> and usageProfile/<name> have."
            );
        }

        return arn.Account.Length == 0 || arn.Account == caller.Account ? resource : NotFound(arn);
    }

    /// <summary>Refusal: EntityNotFound.</summary>
    public abstract Task<Outcome<IReadOnlyDictionary<string, string>>> Read();

    /// <summary><c>null</c>: done. Refusals: EntityNotFound, InvalidInput.</summary>
    public abstract Task<Refusal?> Add(IReadOnlyDictionary<string, string> tags);

    /// <summary><c>null</c>: done. Refusal: EntityNotFound.</summary>
    public abstract Task<Refusal?> Remove(IReadOnlyList<string> keys);

    private static Refusal NotFound(GlueArn arn) => Refusal.NotFound($"Resource {EchoedValue.Of(arn.Text)} not found.");

    /// <summary>What a grain does not find is known to the caller by its ARN.</summary>
    private static Refusal? Named(Refusal? refusal, GlueArn arn) =>
        refusal?.Kind == RefusalKind.EntityNotFound ? NotFound(arn) : refusal;

    private sealed class Job(IJobGrain grain, GlueArn arn) : TaggedResource
    {
        public override async Task<Outcome<IReadOnlyDictionary<string, string>>> Read() =>
            await grain.Find() is { } job ? Outcome.Of(job.Tags) : NotFound(arn);

        public override async Task<Refusal?> Add(IReadOnlyDictionary<string, string> tags) =>
            Named((await grain.Tag(tags)).Refusal, arn);

        public override async Task<Refusal?> Remove(IReadOnlyList<string> keys) =>
            Named((await grain.Untag(keys)).Refusal, arn);
    }

    private sealed class Profile(IUsageProfilesGrain profiles, GlueArn arn) : TaggedResource
    {
        public override async Task<Outcome<IReadOnlyDictionary<string, string>>> Read() =>
            await profiles.Find(arn.Name) is { } profile ? Outcome.Of(profile.Tags) : NotFound(arn);

        public override async Task<Refusal?> Add(IReadOnlyDictionary<string, string> tags) =>
            Named((await profiles.Tag(arn.Name, tags)).Refusal, arn);

        public override async Task<Refusal?> Remove(IReadOnlyList<string> keys) =>
            Named((await profiles.Untag(arn.Name, keys)).Refusal, arn);
    }
}
