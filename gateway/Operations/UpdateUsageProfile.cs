using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Profiles;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// Replaces a usage profile's configuration and description: one that is left out is removed. In:
/// <see cref="UpdateUsageProfileRequest"/>, out: <see cref="UpdateUsageProfileResponse"/>.
/// </summary>
/// <remarks>Errors: InvalidInput, EntityNotFound. Jobs and runs that exist are not looked at again. That the description
/// is replaced as well is a guess, after UpdateJob. See glue-behaviour.md 2.1, 7.2.</remarks>
internal sealed class UpdateUsageProfile(IGrainFactory grains)
    : GlueOperation<UpdateUsageProfileRequest, UpdateUsageProfileResponse>(
        AwsJson.Wire.UpdateUsageProfileRequest,
        AwsJson.Wire.UpdateUsageProfileResponse
    )
{
    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.InvalidInput, RefusalKind.EntityNotFound];

    protected override IEnumerable<Resource> ResourcesOf(UpdateUsageProfileRequest request) =>
        [Resource.UsageProfile(request.Name)];

    protected override async Task<Outcome<UpdateUsageProfileResponse>> Execute(
        UpdateUsageProfileRequest request,
        Caller caller
    )
    {
        var updated = await grains
            .UsageProfiles(caller)
            .Update(request.Name, request.Description, request.Configuration);
        return updated.IsRefused ? updated.Refusal : new UpdateUsageProfileResponse { Name = updated.Value.Name };
    }
}

internal sealed record UpdateUsageProfileRequest
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public required ProfileConfiguration Configuration { get; init; }
}

internal sealed record UpdateUsageProfileResponse
{
    public required string Name { get; init; }
}
