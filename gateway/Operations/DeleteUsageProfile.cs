using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// Removes a usage profile; deleting nothing succeeds as well. In: <see cref="DeleteUsageProfileRequest"/>, out:
/// <see cref="DeleteUsageProfileResponse"/>.
/// </summary>
/// <remarks>Errors: none of its own. See glue-behaviour.md 2.1, 2.3.</remarks>
internal sealed class DeleteUsageProfile(IGrainFactory grains)
    : GlueOperation<DeleteUsageProfileRequest, DeleteUsageProfileResponse>(
        AwsJson.Wire.DeleteUsageProfileRequest,
        AwsJson.Wire.DeleteUsageProfileResponse
    )
{
    public override IReadOnlyList<RefusalKind> Refusals => [];

    protected override IEnumerable<Resource> ResourcesOf(DeleteUsageProfileRequest request) =>
        [Resource.UsageProfile(request.Name)];

    protected override async Task<Outcome<DeleteUsageProfileResponse>> Execute(
        DeleteUsageProfileRequest request,
        Caller caller
    )
    {
        await grains.UsageProfiles(caller).Delete(request.Name);
        return new DeleteUsageProfileResponse();
    }
}

internal sealed record DeleteUsageProfileRequest
{
    public required string Name { get; init; }
}

internal sealed record DeleteUsageProfileResponse;
