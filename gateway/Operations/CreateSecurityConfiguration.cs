using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.SecurityConfigurations;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// Stores a security configuration, which then never changes. In: <see cref="CreateSecurityConfigurationRequest"/>, out:
/// <see cref="CreateSecurityConfigurationResponse"/>.
/// </summary>
/// <remarks>Errors: AlreadyExists, InvalidInput (too large), ResourceNumberLimitExceeded. See glue-behaviour.md 2.1,
/// 7.2.</remarks>
internal sealed class CreateSecurityConfiguration(IGrainFactory grains)
    : GlueOperation<CreateSecurityConfigurationRequest, CreateSecurityConfigurationResponse>(
        AwsJson.Wire.CreateSecurityConfigurationRequest,
        AwsJson.Wire.CreateSecurityConfigurationResponse
    )
{
    public override IReadOnlyList<RefusalKind> Refusals =>
        [RefusalKind.AlreadyExists, RefusalKind.InvalidInput, RefusalKind.ResourceNumberLimitExceeded];

    public override bool MayRepeat => false;

    protected override IEnumerable<Resource> ResourcesOf(CreateSecurityConfigurationRequest request) =>
        [Resource.Account];

    protected override async Task<Outcome<CreateSecurityConfigurationResponse>> Execute(
        CreateSecurityConfigurationRequest request,
        Caller caller
    )
    {
        var created = await grains.SecurityConfigurations(caller).Create(request.Name, request.EncryptionConfiguration);
        return created.IsRefused
            ? created.Refusal
            : new CreateSecurityConfigurationResponse
            {
                Name = created.Value.Name,
                CreatedTimestamp = created.Value.CreatedTimeStamp,
            };
    }
}

internal sealed record CreateSecurityConfigurationRequest
{
    public required string Name { get; init; }

    public required EncryptionConfiguration EncryptionConfiguration { get; init; }
}

internal sealed record CreateSecurityConfigurationResponse
{
    public required string Name { get; init; }

    /// <summary>Spelt so here, and <c>CreatedTimeStamp</c> when it is read (glue-behaviour.md 2.3).</summary>
    public required DateTimeOffset CreatedTimestamp { get; init; }
}
