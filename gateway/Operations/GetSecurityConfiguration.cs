using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.SecurityConfigurations;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// One security configuration. In: <see cref="GetSecurityConfigurationRequest"/>, out:
/// <see cref="GetSecurityConfigurationResponse"/>.
/// </summary>
/// <remarks>Errors: EntityNotFound. See glue-behaviour.md 2.1.</remarks>
internal sealed class GetSecurityConfiguration(IGrainFactory grains)
    : GlueOperation<GetSecurityConfigurationRequest, GetSecurityConfigurationResponse>(
        AwsJson.Wire.GetSecurityConfigurationRequest,
        AwsJson.Wire.GetSecurityConfigurationResponse
    )
{
    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.EntityNotFound];

    /// <summary>What this and DeleteSecurityConfiguration say of one that is not there.</summary>
    public static Refusal NotFound(string name) => Refusal.NotFound($"Security configuration '{name}' not found.");

    protected override IEnumerable<Resource> ResourcesOf(GetSecurityConfigurationRequest request) => [Resource.Account];

    protected override async Task<Outcome<GetSecurityConfigurationResponse>> Execute(
        GetSecurityConfigurationRequest request,
        Caller caller
    ) =>
        await grains.SecurityConfigurations(caller).Find(request.Name) is { } found
            ? new GetSecurityConfigurationResponse { SecurityConfiguration = found }
            : NotFound(request.Name);
}

internal sealed record GetSecurityConfigurationRequest
{
    public required string Name { get; init; }
}

internal sealed record GetSecurityConfigurationResponse
{
    public required SecurityConfiguration SecurityConfiguration { get; init; }
}
