using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Gateway.Operations;

/// <summary>The tags of a resource. In: <see cref="GetTagsRequest"/>, out: <see cref="GetTagsResponse"/>.</summary>
/// <remarks>Errors: EntityNotFound, with the ARN; InvalidInput for an ARN of a kind without tags here. See
/// glue-behaviour.md 1.4.6, 2.1.</remarks>
internal sealed class GetTags(IGrainFactory grains)
    : GlueOperation<GetTagsRequest, GetTagsResponse>(AwsJson.Wire.GetTagsRequest, AwsJson.Wire.GetTagsResponse)
{
    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.InvalidInput, RefusalKind.EntityNotFound];

    protected override IEnumerable<Resource> ResourcesOf(GetTagsRequest request) =>
        TaggedResource.Named(request.ResourceArn);

    protected override async Task<Outcome<GetTagsResponse>> Execute(GetTagsRequest request, Caller caller)
    {
        var resource = TaggedResource.Find(grains, caller, request.ResourceArn);
        if (resource.IsRefused)
            return resource.Refusal;
        var tags = await resource.Value.Read();
        return tags.IsRefused ? tags.Refusal : new GetTagsResponse { Tags = tags.Value };
    }
}

internal sealed record GetTagsRequest
{
    public required string ResourceArn { get; init; }
}

internal sealed record GetTagsResponse
{
    /// <summary>Always there, empty for a resource without tags.</summary>
    public required IReadOnlyDictionary<string, string> Tags { get; init; }
}
