using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.SecurityConfigurations;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// The security configurations of an account, by name, in pages. In: <see cref="GetSecurityConfigurationsRequest"/>, out:
/// <see cref="GetSecurityConfigurationsResponse"/>.
/// </summary>
/// <remarks>Errors: InvalidInput for a NextToken of another listing. See glue-behaviour.md 2.1.</remarks>
internal sealed class GetSecurityConfigurations(IGrainFactory grains)
    : GlueOperation<GetSecurityConfigurationsRequest, GetSecurityConfigurationsResponse>(
        AwsJson.Wire.GetSecurityConfigurationsRequest,
        AwsJson.Wire.GetSecurityConfigurationsResponse
    )
{
    /// <summary>On a page when the request does not say; the model caps MaxResults at 1,000. Glue's default is not published.</summary>
    public const int DefaultPageSize = 100;

    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.InvalidInput];

    protected override IEnumerable<Resource> ResourcesOf(GetSecurityConfigurationsRequest request) =>
        [Resource.Account];

    protected override async Task<Outcome<GetSecurityConfigurationsResponse>> Execute(
        GetSecurityConfigurationsRequest request,
        Caller caller
    )
    {
        var listing = new PageToken(Name, caller.Account, Scope: "");
        if (Paging.Resume(request.NextToken, listing, out var after) is { } refusal)
            return refusal;

        var pageSize = request.MaxResults ?? DefaultPageSize;
        var fetched = await grains.SecurityConfigurations(caller).List(after, pageSize + 1);
        var (page, nextToken) = Paging.Cut(fetched, pageSize, listing, entry => entry.Name);
        return new GetSecurityConfigurationsResponse { SecurityConfigurations = page, NextToken = nextToken };
    }
}

internal sealed record GetSecurityConfigurationsRequest
{
    /// <summary>1 to 1,000. Default 100.</summary>
    public int? MaxResults { get; init; }

    public string? NextToken { get; init; }
}

internal sealed record GetSecurityConfigurationsResponse
{
    public required IReadOnlyList<SecurityConfiguration> SecurityConfigurations { get; init; }

    /// <summary>Absent on the last page.</summary>
    public string? NextToken { get; init; }
}
