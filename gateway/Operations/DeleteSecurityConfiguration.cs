using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// Removes a security configuration. In: <see cref="DeleteSecurityConfigurationRequest"/>, out:
/// <see cref="DeleteSecurityConfigurationResponse"/>.
/// </summary>
/// <remarks>Errors: EntityNotFound, which the model declares here, unlike for other deletions. Runs that have started
/// under it go on; the next start of a job that names it is refused. See glue-behaviour.md 2.1, 2.3.</remarks>
internal sealed class DeleteSecurityConfiguration(IGrainFactory grains)
    : GlueOperation<DeleteSecurityConfigurationRequest, DeleteSecurityConfigurationResponse>(
        AwsJson.Wire.DeleteSecurityConfigurationRequest,
        AwsJson.Wire.DeleteSecurityConfigurationResponse
    )
{
    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.EntityNotFound];

    /// <remarks>A second time it would say that there is none.</remarks>
    public override bool MayRepeat => false;

    protected override IEnumerable<Resource> ResourcesOf(DeleteSecurityConfigurationRequest request) =>
        [Resource.Account];

    protected override async Task<Outcome<DeleteSecurityConfigurationResponse>> Execute(
        DeleteSecurityConfigurationRequest request,
        Caller caller
    ) =>
        await grains.SecurityConfigurations(caller).Delete(request.Name)
            ? new DeleteSecurityConfigurationResponse()
            : GetSecurityConfiguration.NotFound(request.Name);
}

internal sealed record DeleteSecurityConfigurationRequest
{
    public required string Name { get; init; }
}

internal sealed record DeleteSecurityConfigurationResponse;
