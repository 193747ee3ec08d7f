using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Gateway.Operations;

/// <summary>
/// Removes tags from a resource; a key that is not there is none the worse. In: <see cref="UntagResourceRequest"/>, out:
/// <see cref="UntagResourceResponse"/>.
/// </summary>
/// <remarks>Errors: EntityNotFound, with the ARN; InvalidInput for an ARN of a kind without tags here. See
/// glue-behaviour.md 1.4.6, 2.1.</remarks>
internal sealed class UntagResource(IGrainFactory grains)
    : GlueOperation<UntagResourceRequest, UntagResourceResponse>(
        AwsJson.Wire.UntagResourceRequest,
        AwsJson.Wire.UntagResourceResponse
    )
{
    public override IReadOnlyList<RefusalKind> Refusals => [RefusalKind.InvalidInput, RefusalKind.EntityNotFound];

    protected override IEnumerable<Resource> ResourcesOf(UntagResourceRequest request) =>
        TaggedResource.Named(request.ResourceArn);

    protected override async Task<Outcome<UntagResourceResponse>> Execute(UntagResourceRequest request, Caller caller)
    {
        var resource = TaggedResource.Find(grains, caller, request.ResourceArn);
        if (resource.IsRefused)
            return resource.Refusal;
        return await resource.Value.Remove(request.TagsToRemove) is { } refusal ? refusal : new UntagResourceResponse();
    }
}

internal sealed record UntagResourceRequest
{
    public required string ResourceArn { get; init; }

    /// <summary>Keys, up to 50.</summary>
    public required IReadOnlyList<string> TagsToRemove { get; init; }
}

internal sealed record UntagResourceResponse;
