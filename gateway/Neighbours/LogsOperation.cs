using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.GrainInterfaces.Executors;

namespace GlueOrleans.Gateway.Neighbours;

/// <summary>One operation of CloudWatch Logs.</summary>
internal interface ILogsOperation
{
    /// <summary>As in <c>X-Amz-Target</c>, without the prefix.</summary>
    string Name { get; }

    Task<AwsAnswer> Handle(ReadOnlyMemory<byte> body, Caller caller);
}

/// <summary>Reads the request, lets the operation answer it.</summary>
internal abstract class LogsOperation<TRequest, TResponse>(
    JsonTypeInfo<TRequest> requestType,
    JsonTypeInfo<TResponse> responseType
) : ILogsOperation
    where TRequest : class
    where TResponse : class
{
    /// <summary>Events of one answer, and bytes as CloudWatch Logs counts them: its own limits.</summary>
    protected const int MaxEvents = 10_000;

    /// <inheritdoc cref="MaxEvents"/>
    protected const int MaxBytes = 1 << 20;

    public string Name => GetType().Name;

    public async Task<AwsAnswer> Handle(ReadOnlyMemory<byte> body, Caller caller)
    {
        TRequest request;
        try
        {
            request = JsonSerializer.Deserialize(body.Span, requestType)!;
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return AwsErrors.Serialization($"The request body cannot be read: {EchoedValue.Of(fault.Message)}");
        }

        try
        {
            return request is null
                ? AwsErrors.Serialization("The request body must be a JSON object.")
                : await Execute(request, caller);
        }
        catch (ExecutorUnreachableException away)
        {
            return LogsErrors.ServiceUnavailable(away.Message);
        }
    }

    protected abstract Task<AwsAnswer> Execute(TRequest request, Caller caller);

    protected AwsAnswer Answer(TResponse response) => JsonSerializer.SerializeToUtf8Bytes(response, responseType);

    protected static AwsError? LimitProblem(int? limit) =>
        limit is null or (>= 1 and <= MaxEvents)
            ? null
            : LogsErrors.InvalidParameter($"limit is {limit}: give a number of events from 1 to {MaxEvents}.");
}
