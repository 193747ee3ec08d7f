using System.Runtime.InteropServices;
using System.Security.Cryptography;
using GlueOrleans.Gateway.Protocol;

namespace GlueOrleans.Gateway.Security;

/// <summary>
/// AWS's Signature Version 4, checked over a request as it came (glue-behaviour.md 1.4). Pure: the same request, keys and
/// time have the same verdict, and nothing that a request may contain makes it throw.
/// </summary>
/// <remarks>
/// What is cheap to see comes first: form, scope and time, of which a request without a secret is told as well. Only then the
/// body is hashed and a signature computed, also for a key that does not exist, and compared in constant time. A request
/// that is good may be sent again by whoever hears it until it is too old: SigV4 keeps secrets, not silence. That is what
/// TLS is for.
/// </remarks>
internal static class SigV4
{
    /// <summary>How far a client's clock may be off, either way.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>Services that AWS has once for all regions are signed for this one.</summary>
    private const string GlobalRegion = "us-east-1";

    private const string Host = "host";
    private const string AmzPrefix = "x-amz-";
    private const string SecurityToken = "X-Amz-Security-Token";
    private const string ContentHash = "X-Amz-Content-Sha256";

    /// <summary>Hexadecimal digits of a SHA-256.</summary>
    private const int HashLength = 64;

    /// <summary>Bytes of what SDKs sign.</summary>
    private const int UsualLength = 1024;

    /// <param name="request">As it came over the wire.</param>
    /// <param name="credentials">The keys that are good.</param>
    /// <param name="region">That the server says it is in.</param>
    /// <param name="service">That the request is for: <c>glue</c>, <c>logs</c>, <c>sts</c>, <c>iam</c>.</param>
    /// <param name="now">The server's time.</param>
    public static Verdict Verify(
        SignedRequest request,
        ICredentials credentials,
        string region,
        string service,
        DateTimeOffset now
    )
    {
        var wrong =
            Read(request, out var query, out var claim)
            ?? OutOfScope(claim!, region, service)
            ?? OutOfTime(claim!, now);
        return wrong is null ? Compare(request, query, claim!, credentials) : wrong;
    }

    /// <summary>What can be said of a request before its body is there, and without a secret: whether it would be refused in
    /// any case.</summary>
    /// <param name="request">Without its body.</param>
    /// <param name="credentials">The keys that are good.</param>
    /// <param name="now">The server's time.</param>
    public static AwsError? Foresee(SignedRequest request, ICredentials credentials, DateTimeOffset now) =>
        Read(request, out _, out var claim)
        ?? OutOfTime(claim!, now)
        ?? (credentials.Find(claim!.AccessKeyId) is null ? SignatureErrors.UnknownKey : null);

    private static AwsError? Read(
        SignedRequest request,
        out IReadOnlyList<QueryParameter> query,
        out SignatureClaim? claim
    )
    {
        claim = null;
        if (CanonicalRequest.Query(request.Query) is not { } parameters)
        {
            query = [];
            return SignatureErrors.IncompleteSignature("The query string is longer than any that is signed.");
        }

        query = parameters;
        return Read(request, query, out claim) ?? NotCovered(request, claim!);
    }

    private static AwsError? Read(SignedRequest request, IReadOnlyList<QueryParameter> query, out SignatureClaim? claim)
    {
        claim = null;
        if (request.Headers.Authorization.Count > 0)
        {
            // A presigned URL's own signature is a right one in the header, too, and there it would not expire as it says.
            return PresignedQuery.IsIn(query)
                ? SignatureErrors.IncompleteSignature(
                    "Give one signature: in the Authorization header or in the query string."
                )
                : AuthorizationHeader.Read(request, out claim);
        }

        return PresignedQuery.IsIn(query) ? PresignedQuery.Read(query, out claim) : SignatureErrors.NoSignature;
    }

    /// <summary>A header that says what is to be done must be signed, or whoever is between could change it.</summary>
    private static AwsError? NotCovered(SignedRequest request, SignatureClaim claim)
    {
        if (!claim.Covers(Host))
            return SignatureErrors.NotSigned("Host");
        foreach (var (name, _) in request.Headers)
        {
            if (name.StartsWith(AmzPrefix, StringComparison.OrdinalIgnoreCase) && !claim.Covers(name))
            {
                return SignatureErrors.NotSigned(name);
            }
        }

        return null;
    }

    private static AwsError? OutOfScope(SignatureClaim claim, string region, string service)
    {
        if (claim.ScopeEnd != SignatureClaim.Terminator)
            return SignatureErrors.WrongTerminator(claim.ScopeEnd);
        var isGlobal = service is "iam" or "sts" && claim.Region == GlobalRegion;
        if (claim.Region != region && !isGlobal)
            return SignatureErrors.WrongRegion(claim.Region);
        if (claim.Service != service)
            return SignatureErrors.WrongService(service);
        return claim.Stamp.StartsWith(claim.Day, StringComparison.Ordinal) && claim.Day.Length == "yyyymmdd".Length
            ? null
            : SignatureErrors.WrongDay(claim.Day, claim.Stamp);
    }

    private static AwsError? OutOfTime(SignatureClaim claim, DateTimeOffset now)
    {
        var age = now - claim.Time;
        var longest = claim.Expires ?? Skew;
        if (age > longest)
            return SignatureErrors.Expired(claim.Time, now, longest);
        return -age > Skew ? SignatureErrors.NotYetCurrent(claim.Time, now, Skew) : null;
    }

    private static Verdict Compare(
        SignedRequest request,
        IReadOnlyList<QueryParameter> query,
        SignatureClaim claim,
        ICredentials credentials
    )
    {
        Span<char> bodyHash = stackalloc char[HashLength];
        Hash(request.Body.Span, bodyHash);
        Span<char> requestHash = stackalloc char[HashLength];
        var canonical = new Utf8Text(stackalloc byte[UsualLength]);
        CanonicalRequest.Append(
            request,
            claim.Expires is null
                ? query
                : [.. query.Where(parameter => parameter.Name != PresignedQuery.SignatureName)],
            claim.Headers,
            bodyHash,
            ref canonical
        );
        Hash(canonical.Bytes, requestHash);
        canonical.Dispose();

        var known = credentials.Find(claim.AccessKeyId);
        Span<char> expected = stackalloc char[HashLength];
        Sign(known ?? AccessKey.Nobody, claim, requestHash, expected);
        var isRight = CryptographicOperations.FixedTimeEquals(
            MemoryMarshal.AsBytes(expected),
            MemoryMarshal.AsBytes(claim.Signature.AsSpan())
        );
        if (known is null || HasSessionToken(request, query))
            return SignatureErrors.UnknownKey;
        return isRight && IsHashOf(request.Headers[ContentHash].ToString(), bodyHash) ? known : SignatureErrors.Differs;
    }

    private static void Sign(AccessKey key, SignatureClaim claim, ReadOnlySpan<char> requestHash, Span<char> signature)
    {
        using var text = new Utf8Text(stackalloc byte[UsualLength]);
        foreach (var line in (ReadOnlySpan<string>)[SignatureClaim.Algorithm, claim.Stamp])
        {
            text.Append(line);
            text.Append('\n');
        }

        foreach (var part in (ReadOnlySpan<string>)[claim.Day, claim.Region, claim.Service])
        {
            text.Append(part);
            text.Append('/');
        }

        text.Append(SignatureClaim.Terminator);
        text.Append('\n');
        text.Append(requestHash);
        Span<byte> code = stackalloc byte[SHA256.HashSizeInBytes];
        key.Sign(text.Bytes, claim.Day, claim.Region, claim.Service, code);
        Convert.TryToHexStringLower(code, signature, out _);
    }

    private static void Hash(ReadOnlySpan<byte> bytes, Span<char> digits)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        Convert.TryToHexStringLower(hash, digits, out _);
    }

    private static bool HasSessionToken(SignedRequest request, IReadOnlyList<QueryParameter> query) =>
        request.Headers.ContainsKey(SecurityToken)
        || (
            query.Count > 0
            && query.Any(parameter => parameter.Name.Equals(SecurityToken, StringComparison.OrdinalIgnoreCase))
        );

    /// <summary>Clients of S3's ways say a hash, which then must be the body's; or words that stand for none. Signed is the
    /// body all the same.</summary>
    private static bool IsHashOf(string said, ReadOnlySpan<char> bodyHash) =>
        said.Length != HashLength
        || !said.All(char.IsAsciiHexDigit)
        || bodyHash.Equals(said, StringComparison.OrdinalIgnoreCase);
}
