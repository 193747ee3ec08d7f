using GlueOrleans.Gateway.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>On whose behalf a request is made.</summary>
/// <param name="Account">Twelve digits.</param>
/// <param name="InvocationId">
/// What AWS's clients send as <c>amz-sdk-invocation-id</c>: one UUID for a call and all its repetitions (glue-behaviour.md
/// 1.1.3). <c>null</c>: the client sends none.
/// </param>
internal readonly record struct Caller(string Account, string? InvocationId = null)
{
    /// <summary>The client says that it has not made this call before (<c>amz-sdk-request: attempt=1; max=3</c>), and this
    /// gateway has not either.</summary>
    public bool IsFirstTry { get; init; }

    /// <summary>The access key that signed the request; <c>null</c>: nobody is asked for one.</summary>
    public AccessKey? Key { get; init; }

    /// <summary>That the node says it is in, for ARNs.</summary>
    public string Region { get; init; } = "us-east-1";

    public Permissions Permissions => Key?.Permissions ?? Permissions.All;

    /// <summary>Of the key's user; of the account itself where nobody is asked who they are.</summary>
    public string Arn => Key?.Arn ?? $"arn:aws:iam::{Account}:root";

    private const string InvocationHeader = "amz-sdk-invocation-id";
    private const string AttemptHeader = "amz-sdk-request";
    private const string FirstAttempt = "attempt=1";

    /// <summary>Far more than a UUID; what is longer is no such id.</summary>
    private const int LongestInvocationId = 128;

    private const string CredentialParameter = "Credential=";
    private const int AccountLength = 12;

    /// <summary>Who sends a request with these headers.</summary>
    /// <param name="headers">Of the request.</param>
    /// <param name="defaultAccount"><see cref="GatewayOptions.DefaultAccount"/></param>
    public static Caller From(IHeaderDictionary headers, string defaultAccount)
    {
        var invocationId = headers[InvocationHeader];
        return From(headers.Authorization, defaultAccount) with
        {
            InvocationId =
                invocationId is [{ Length: > 0 and <= LongestInvocationId } id] && !string.IsNullOrWhiteSpace(id)
                    ? id
                    : null,
            IsFirstTry = headers[AttemptHeader] is [{ } attempt] && SaysFirst(attempt),
        };
    }

    private static bool SaysFirst(string attempt) =>
        attempt.StartsWith(FirstAttempt, StringComparison.Ordinal)
        && (attempt.Length == FirstAttempt.Length || attempt[FirstAttempt.Length] is ';' or ' ');

    /// <summary>
    /// Where no credentials are configured: the account is a 12-digit access key id, as users of local AWS endpoints expect,
    /// else the default one. The signature is not verified: a missing or malformed header is the default account's.
    /// </summary>
    /// <param name="authorization">
    /// <c>AWS4-HMAC-SHA256 Credential=&lt;access key id&gt;/&lt;date&gt;/&lt;region&gt;/glue/aws4_request, …</c>
    /// </param>
    /// <param name="defaultAccount"><see cref="GatewayOptions.DefaultAccount"/></param>
    public static Caller From(StringValues authorization, string defaultAccount)
    {
        var header = authorization.Count == 1 ? authorization[0] : null;
        var start = header?.IndexOf(CredentialParameter, StringComparison.Ordinal) ?? -1;
        if (start < 0)
            return new Caller(defaultAccount);
        var credential = header.AsSpan(start + CredentialParameter.Length);
        var end = credential.IndexOf('/');
        var accessKeyId = end < 0 ? credential : credential[..end];
        return new Caller(IsAccount(accessKeyId) ? accessKeyId.ToString() : defaultAccount);
    }

    public static bool IsAccount(ReadOnlySpan<char> text) =>
        text.Length == AccountLength && !text.ContainsAnyExceptInRange('0', '9');
}
