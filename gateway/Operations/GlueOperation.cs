using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Gateway.Operations;

/// <summary>One operation of the Glue API, whatever its request and response.</summary>
internal interface IGlueOperation
{
    /// <summary>As in <c>X-Amz-Target</c>, without the prefix.</summary>
    string Name { get; }

    /// <summary>Every kind of refusal this operation may answer with. A test holds them against the service model.</summary>
    IReadOnlyList<RefusalKind> Refusals { get; }

    /// <summary>
    /// Whether the gateway may repeat the operation when it cannot know if it was done: a second time must do no more than
    /// the first, and answer the same. Not so for what says that a thing exists already when it has just made it.
    /// </summary>
    bool MayRepeat { get; }

    /// <param name="body">A body that <see cref="ShapeValidator"/> found no fault with.</param>
    /// <param name="caller">Whose request it is.</param>
    Task<AwsAnswer> Handle(ReadOnlyMemory<byte> body, Caller caller);
}

/// <summary>Reads the request, lets the operation call its grain, writes the response.</summary>
internal abstract class GlueOperation<TRequest, TResponse>(
    JsonTypeInfo<TRequest> requestType,
    JsonTypeInfo<TResponse> responseType
) : IGlueOperation
    where TRequest : class
    where TResponse : class
{
    public string Name => GetType().Name;

    public abstract IReadOnlyList<RefusalKind> Refusals { get; }

    public virtual bool MayRepeat => true;

    public async Task<AwsAnswer> Handle(ReadOnlyMemory<byte> body, Caller caller)
    {
        TRequest request;
        try
        {
            request = JsonSerializer.Deserialize(body.Span, requestType)!;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Should validator and deserializer ever differ on what JSON is, it is still the body's fault.
            return AwsErrors.Serialization("The request body could not be read.");
        }

        if (Authorization.Refusal(caller, Authenticator.DefaultService, Name, ResourcesOf(request)) is { } refusal)
            return refusal;
        var outcome = await Execute(request, caller);
        return outcome.IsRefused
            ? AwsErrors.Refused(outcome.Refusal)
            : JsonSerializer.SerializeToUtf8Bytes(outcome.Value, responseType);
    }

    /// <summary>What a request names, for permissions. Every operation has to say, so that none is forgotten.</summary>
    protected abstract IEnumerable<Resource> ResourcesOf(TRequest request);

    protected abstract Task<Outcome<TResponse>> Execute(TRequest request, Caller caller);
}
