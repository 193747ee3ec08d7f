using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Profiles;

namespace GlueOrleans.Gateway.Operations;

/// <summary>One usage profile. In: <see cref="GetUsageProfileRequest"/>, out: <see cref="GetUsageProfileResponse"/>.</summary>
/// <remarks>Errors: EntityNotFound. See glue-behaviour.md 2.1.</remarks>
internal sealed class GetUsageProfile(IGrainFactory grains)
    : GlueOperation<GetUsageProfileRequest, GetUsageProfileResponse>(
        AwsJson.Wire.GetUsageProfileRequest,
        AwsJson.Wire.GetUsageProfileResponse
    )
{
    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.EntityNotFound];

    protected override IEnumerable<Resource> ResourcesOf(GetUsageProfileRequest request) =>
        [Resource.UsageProfile(request.Name)];

    protected override async Task<Outcome<GetUsageProfileResponse>> Execute(
        GetUsageProfileRequest request,
        Caller caller
    ) =>
        await grains.UsageProfiles(caller).Find(request.Name) is { } profile
            ? new GetUsageProfileResponse
            {
                Name = profile.Name,
                Description = profile.Description,
                Configuration = profile.Configuration,
                CreatedOn = profile.CreatedOn,
                LastModifiedOn = profile.LastModifiedOn,
            }
            : Refusal.NotFound($"Usage profile '{request.Name}' not found.");
}

internal sealed record GetUsageProfileRequest
{
    public required string Name { get; init; }
}

/// <summary>The profile as it was sent, without its tags.</summary>
internal sealed record GetUsageProfileResponse
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public required ProfileConfiguration Configuration { get; init; }

    public required DateTimeOffset CreatedOn { get; init; }

    public required DateTimeOffset LastModifiedOn { get; init; }
}
