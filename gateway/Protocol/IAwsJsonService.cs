namespace GlueOrleans.Gateway.Protocol;

/// <summary>
/// One AWS service of the JSON protocol on this endpoint. Requests find it by what stands before the dot in their
/// <c>X-Amz-Target</c>, so that Glue's neighbours (CloudWatch Logs …) are one more of these, not a switch.
/// </summary>
internal interface IAwsJsonService
{
    /// <summary>For example <c>AWSGlue</c>.</summary>
    string TargetPrefix { get; }

    /// <summary>What requests to it are signed for: <c>glue</c>.</summary>
    string SigningName { get; }

    /// <summary>There is an operation of this name.</summary>
    bool Knows(string operation);

    /// <summary>Whether the operation, repeated when its answer was lost, does no more than it does once. So is one that does
    /// not exist.</summary>
    bool MayRepeat(string operation);

    /// <param name="operation">What stands after the dot; may be unknown.</param>
    /// <param name="body">The request as sent, never empty: <c>{}</c> stands for no body.</param>
    /// <param name="caller">Whose request it is.</param>
    Task<AwsAnswer> Handle(string operation, ReadOnlyMemory<byte> body, Caller caller);
}

/// <summary>What a service answers: the body of a response, in its protocol, or an error.</summary>
internal readonly record struct AwsAnswer
{
    public byte[]? Body { get; private init; }

    public AwsError? Error { get; private init; }

    public static implicit operator AwsAnswer(byte[] body) => new() { Body = body };

    public static implicit operator AwsAnswer(AwsError error) => new() { Error = error };
}
