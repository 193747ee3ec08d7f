using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// Adds tags to a resource, in place of those with the same keys. In: <see cref="TagResourceRequest"/>, out:
/// <see cref="TagResourceResponse"/>.
/// </summary>
/// <remarks>
/// Errors: EntityNotFound, with the ARN; InvalidInput for an ARN of a kind without tags here, for reserved keys and for
/// more than 50 tags in all. Source: glue-behaviour.md 1.4.6, 2.1, 2.2.4.
/// </remarks>
internal sealed class TagResource(IGrainFactory grains)
    : GlueOperation<TagResourceRequest, TagResourceResponse>(
        AwsJson.Wire.TagResourceRequest,
        AwsJson.Wire.TagResourceResponse
    )
{
    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.InvalidInput, RefusalKind.EntityNotFound];

    protected override IEnumerable<Resource> ResourcesOf(TagResourceRequest request) =>
        TaggedResource.Named(request.ResourceArn);

    protected override async Task<Outcome<TagResourceResponse>> Execute(TagResourceRequest request, Caller caller)
    {
        var resource = TaggedResource.Find(grains, caller, request.ResourceArn);
        if (resource.IsRefused)
            return resource.Refusal;
        return await resource.Value.Add(request.TagsToAdd) is { } refusal ? refusal : new TagResourceResponse();
    }
}

internal sealed record TagResourceRequest
{
    public required string ResourceArn { get; init; }

    /// <summary>Up to 50; keys 1 to 128, values up to 256 characters.</summary>
    public required IReadOnlyDictionary<string, string> TagsToAdd { get; init; }
}

internal sealed record TagResourceResponse;
