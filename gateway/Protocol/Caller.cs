using Microsoft.Extensions.Primitives;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>On whose behalf a request is made.</summary>
/// <param name="Account">Twelve digits.</param>
internal readonly record struct Caller(string Account)
{
    private const string CredentialParameter = "Credential=";
    private const int AccountLength = 12;

    /// <summary>
    /// The account is a 12-digit access key id, as users of local AWS endpoints expect, else the default one. The
    /// signature is not verified: a missing or malformed header is the default account's.
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
