using GlueOrleans.GrainInterfaces;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>An error as it goes over the wire.</summary>
/// <param name="Code">The bare shape name: <c>EntityNotFoundException</c>.</param>
/// <param name="Status">400 for the caller's faults, 500 for ours (glue-behaviour.md 1.3.3).</param>
/// <param name="MessageMember">
/// <c>Message</c> for the errors of the service model, <c>message</c> for the front door's (glue-behaviour.md 1.3.1).
/// </param>
/// <param name="Message">The sentence the caller reads.</param>
internal sealed record AwsError(string Code, int Status, string MessageMember, string Message);

/// <summary>The one table from what can go wrong to what a client sees.</summary>
/// <remarks>
/// SDKs retry a 500 by themselves, and StartJobRun has no idempotency token: so a 500 is kept for what is really unknown.
/// </remarks>
internal static class AwsErrors
{
    private const string ModelledMember = "Message";
    private const string FrontDoorMember = "message";
    private const int ClientFault = 400;
    private const int ServerFault = 500;
    private const int Unavailable = 503;

    /// <summary>What every operation can answer with, whatever its grain says.</summary>
    public static readonly IReadOnlyList<string> OfEveryOperation =
    [
        "InternalServiceException",
        "OperationTimeoutException",
    ];

    /// <summary>The modelled error for each kind of refusal.</summary>
    public static string CodeOf(RefusalKind kind) =>
        kind switch
        {
            RefusalKind.InvalidInput => "InvalidInputException",
            RefusalKind.EntityNotFound => "EntityNotFoundException",
            RefusalKind.AlreadyExists => "AlreadyExistsException",
            RefusalKind.IdempotentParameterMismatch => "IdempotentParameterMismatchException",
            RefusalKind.ConcurrentRunsExceeded => "ConcurrentRunsExceededException",
            RefusalKind.ResourceNumberLimitExceeded => "ResourceNumberLimitExceededException",
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a refusal that has an error."),
        };

    public static AwsError Refused(Refusal refusal) =>
        new(CodeOf(refusal.Kind), ClientFault, ModelledMember, refusal.Message);

    /// <summary>The server failed, and whether the request took effect is unknown.</summary>
    public static AwsError InternalService(string message) =>
        new("InternalServiceException", ServerFault, ModelledMember, message);

    /// <summary>No silo could be reached. 503, so that SDKs repeat the request; and what it is for cannot have been missed by
    /// the repetition of an operation that may be repeated.</summary>
    public static AwsError NoSilo(string message) =>
        new("InternalServiceException", Unavailable, ModelledMember, message);

    /// <summary>A grain did not answer in time. 400, as Glue documents it, so that SDKs do not repeat the request.</summary>
    public static AwsError OperationTimeout(string message) =>
        new("OperationTimeoutException", ClientFault, ModelledMember, message);

    /// <summary>Glue's own wording (glue-behaviour.md 1.3.8), and the limit.</summary>
    public static AwsError TooLarge(int limit) =>
        new(
            "InvalidInputException",
            ClientFault,
            ModelledMember,
            $"Request size limit exceeded: a request body may have at most {limit} bytes."
        );

    /// <summary>One request too many, for its access key or for the node. AWS's clients repeat it after a pause
    /// (glue-behaviour.md 1.3.4, 1.3.5).</summary>
    public static AwsError Throttled { get; } = FrontDoor("ThrottlingException", "Rate exceeded");

    /// <summary>The body does not come, or comes too slowly. AWS's clients repeat the request.</summary>
    public static AwsError TooSlow(TimeSpan limit) =>
        FrontDoor(
            "RequestTimeoutException",
            $"The request body did not arrive in time: it may take {limit.TotalSeconds:0.#} s, and no long pauses."
        );

    public static AwsError UnknownOperation(string message) => FrontDoor("UnknownOperationException", message);

    /// <summary>The body cannot be read as a request of this operation.</summary>
    public static AwsError Serialization(string message) => FrontDoor("SerializationException", message);

    /// <summary>The body can be read, but values break the model's constraints.</summary>
    public static AwsError Validation(string message) => FrontDoor("ValidationException", message);

    /// <summary>Nothing is served at this path. Plain HTTP wants the status; the code is what an SDK shows.</summary>
    public static AwsError UnknownPath(string message) =>
        new("UnknownOperationException", 404, FrontDoorMember, message);

    public static AwsError MethodNotAllowed(string message) =>
        new("UnknownOperationException", 405, FrontDoorMember, message);

    /// <summary>An error of no service's model: what every endpoint of AWS may answer.</summary>
    public static AwsError FrontDoor(string code, string message) => new(code, ClientFault, FrontDoorMember, message);
}
