using GlueOrleans.Gateway.Protocol;

namespace GlueOrleans.Gateway.Security;

/// <summary>What a request says of its own signature, read and not yet believed.</summary>
internal sealed class SignatureClaim
{
    public const string Algorithm = "AWS4-HMAC-SHA256";
    public const string Terminator = "aws4_request";

    /// <summary>Headers that one signature may name. SDKs name about ten.</summary>
    private const int MostHeaders = 64;

    private const int ScopeParts = 5;

    public required string AccessKeyId { get; init; }

    /// <summary><c>yyyymmdd</c>, if the claim is in order.</summary>
    public required string Day { get; init; }

    public required string Region { get; init; }

    public required string Service { get; init; }

    public required string ScopeEnd { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary><see cref="Time"/> as it is signed.</summary>
    public string Stamp => field ??= SignatureTime.Format(Time);

    /// <summary>How long a presigned request is good for; <c>null</c>: it is signed in its headers.</summary>
    public TimeSpan? Expires { get; init; }

    /// <summary>Lower case, in ordinal order, each once.</summary>
    public required string[] Headers { get; init; }

    /// <summary>As sent: 64 lower-case hexadecimal digits, if it is right.</summary>
    public required string Signature { get; init; }

    /// <summary>Whether a header is among those that were signed.</summary>
    /// <param name="name">In any case.</param>
    public bool Covers(string name)
    {
        foreach (var header in Headers)
        {
            if (header.Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    /// <summary>The parts that both forms have, in their two packings.</summary>
    /// <param name="claim">Of the request, if there is no error.</param>
    /// <param name="credential"><c>keyid/yyyymmdd/region/service/aws4_request</c></param>
    /// <param name="headers"><c>content-type;host;x-amz-date</c></param>
    /// <param name="signature">As sent.</param>
    /// <param name="time">Of the signature.</param>
    /// <param name="expires">For a presigned request.</param>
    public static AwsError? Read(
        out SignatureClaim? claim,
        string credential,
        string headers,
        string signature,
        DateTimeOffset time,
        TimeSpan? expires = null
    )
    {
        claim = null;
        var scope = credential.Split('/', ScopeParts + 1);
        if (scope.Length != ScopeParts)
        {
            return SignatureErrors.IncompleteSignature(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got "
                    + $"'{EchoedValue.Of(credential)}'."
            );
        }

        var names = headers.Split(';', MostHeaders + 1);
        if (names.Length > MostHeaders)
            return SignatureErrors.IncompleteSignature($"'SignedHeaders' names more than {MostHeaders} headers.");
        Array.Sort(names, StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
        {
            if (
                names[i].Length == 0
                || names[i].AsSpan().ContainsAnyInRange('A', 'Z')
                || (i > 0 && names[i] == names[i - 1])
            )
            {
                return SignatureErrors.IncompleteSignature(
                    $"'SignedHeaders' must name headers in lower case, each once, got '{EchoedValue.Of(headers)}'."
                );
            }
        }

        claim = new SignatureClaim
        {
            AccessKeyId = scope[0],
            Day = scope[1],
            Region = scope[2],
            Service = scope[3],
            ScopeEnd = scope[4],
            Time = time,
            Expires = expires,
            Headers = names,
            Signature = signature,
        };
        return null;
    }
}
