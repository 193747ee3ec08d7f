using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// The usage profiles of an account, by name, in pages. In: <see cref="ListUsageProfilesRequest"/>, out:
/// <see cref="ListUsageProfilesResponse"/>.
/// </summary>
/// <remarks>Errors: InvalidInput for a NextToken of another listing. See glue-behaviour.md 2.1.</remarks>
internal sealed class ListUsageProfiles(IGrainFactory grains)
    : GlueOperation<ListUsageProfilesRequest, ListUsageProfilesResponse>(
        AwsJson.Wire.ListUsageProfilesRequest,
        AwsJson.Wire.ListUsageProfilesResponse
    )
{
    /// <summary>On a page when the request does not say; the model caps MaxResults at 200. Glue's default is not published.</summary>
    public const int DefaultPageSize = 100;

    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.InvalidInput];

    protected override IEnumerable<Resource> ResourcesOf(ListUsageProfilesRequest request) => [Resource.Account];

    protected override async Task<Outcome<ListUsageProfilesResponse>> Execute(
        ListUsageProfilesRequest request,
        Caller caller
    )
    {
        var listing = new PageToken(Name, caller.Account, Scope: "");
        if (Paging.Resume(request.NextToken, listing, out var after) is { } refusal)
            return refusal;

        var pageSize = request.MaxResults ?? DefaultPageSize;
        var fetched = await grains.UsageProfiles(caller).List(after, pageSize + 1);
        var (page, nextToken) = Paging.Cut(fetched, pageSize, listing, profile => profile.Name);
        return new ListUsageProfilesResponse
        {
            Profiles =
            [
                .. page.Select(profile => new UsageProfileDefinition
                {
                    Name = profile.Name,
                    Description = profile.Description,
                    CreatedOn = profile.CreatedOn,
                    LastModifiedOn = profile.LastModifiedOn,
                }),
            ],
            NextToken = nextToken,
        };
    }
}

internal sealed record ListUsageProfilesRequest
{
    public string? NextToken { get; init; }

    /// <summary>1 to 200. Default 100.</summary>
    public int? MaxResults { get; init; }
}

internal sealed record ListUsageProfilesResponse
{
    public required IReadOnlyList<UsageProfileDefinition> Profiles { get; init; }

    /// <summary>Absent on the last page.</summary>
    public string? NextToken { get; init; }
}

/// <summary>The model's structure of that name: a profile without its configuration.</summary>
internal sealed record UsageProfileDefinition
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    public required DateTimeOffset CreatedOn { get; init; }

    public required DateTimeOffset LastModifiedOn { get; init; }
}
