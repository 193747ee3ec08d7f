using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Profiles;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// Stores a usage profile. In: <see cref="CreateUsageProfileRequest"/>, out: <see cref="CreateUsageProfileResponse"/>.
/// </summary>
/// <remarks>
/// Errors: InvalidInput (a configuration that allows nothing, or not its own default; reserved tag keys), AlreadyExists,
/// ResourceNumberLimitExceeded. Source: glue-behaviour.md 2.1, 7.2.
/// </remarks>
internal sealed class CreateUsageProfile(IGrainFactory grains)
    : GlueOperation<CreateUsageProfileRequest, CreateUsageProfileResponse>(
        AwsJson.Wire.CreateUsageProfileRequest,
        AwsJson.Wire.CreateUsageProfileResponse
    )
{
    public override IReadOnlyList<RefusalKind> Refusals =>
        [RefusalKind.InvalidInput, RefusalKind.AlreadyExists, RefusalKind.ResourceNumberLimitExceeded];

    public override bool MayRepeat => false;

    protected override IEnumerable<Resource> ResourcesOf(CreateUsageProfileRequest request) =>
        [Resource.UsageProfile(request.Name)];

    protected override async Task<Outcome<CreateUsageProfileResponse>> Execute(
        CreateUsageProfileRequest request,
        Caller caller
    )
    {
        var created = await grains
            .UsageProfiles(caller)
            .Create(
                request.Name,
                request.Description,
                request.Configuration,
                request.Tags ?? new Dictionary<string, string>()
            );
        return created.IsRefused ? created.Refusal : new CreateUsageProfileResponse { Name = created.Value.Name };
    }
}

internal sealed record CreateUsageProfileRequest
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public required ProfileConfiguration Configuration { get; init; }

    /// <summary>At most 50; keys 1 to 128, values up to 256 characters.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }
}

internal sealed record CreateUsageProfileResponse
{
    public required string Name { get; init; }
}
