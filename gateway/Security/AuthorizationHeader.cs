using GlueOrleans.Gateway.Protocol;
using Microsoft.Extensions.Primitives;

namespace GlueOrleans.Gateway.Security;

/// <summary>
/// The form that all Glue clients use: <c>Authorization: AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…</c>
/// with <c>X-Amz-Date</c>, else <c>Date</c> (glue-behaviour.md 1.4.1, 1.4.3).
/// </summary>
internal static class AuthorizationHeader
{
    /// <summary>Characters. An SDK's header has about 300.</summary>
    private const int Longest = 4096;

    private const string AmzDate = "X-Amz-Date";

    /// <returns>What is wrong; or nothing, and there is a claim.</returns>
    public static AwsError? Read(SignedRequest request, out SignatureClaim? claim)
    {
        claim = null;
        var values = request.Headers.Authorization;
        var header = values.Count == 1 ? values[0] ?? "" : "";
        if (values.Count != 1 || header.Length > Longest)
        {
            return SignatureErrors.IncompleteSignature(
                $"There must be one Authorization header, of at most {Longest} characters."
            );
        }

        if (!IsEachGivenOnce(header, out var credential, out var headers, out var signature))
        {
            return SignatureErrors.IncompleteSignature(
                $"Authorization header requires each parameter once. Authorization={Shown(header)}"
            );
        }

        var amzDate = request.Headers[AmzDate];
        var date = amzDate.Count > 0 ? amzDate : request.Headers.Date;
        if (credential is null || signature is null || headers is null || StringValues.IsNullOrEmpty(date))
        {
            var missing = new List<string>();
            if (credential is null)
                missing.Add("Authorization header requires 'Credential' parameter.");
            if (signature is null)
                missing.Add("Authorization header requires 'Signature' parameter.");
            if (headers is null)
                missing.Add("Authorization header requires 'SignedHeaders' parameter.");
            if (StringValues.IsNullOrEmpty(date))
                missing.Add("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
            return SignatureErrors.IncompleteSignature($"{string.Join(' ', missing)} Authorization={Shown(header)}");
        }

        var text = date.ToString();
        var isTime =
            amzDate.Count > 0 ? SignatureTime.TryParse(text, out var time) : SignatureTime.TryParseHttp(text, out time);
        return isTime
            ? SignatureClaim.Read(out claim, credential, headers, signature, time)
            : SignatureErrors.IncompleteSignature(
                $"Date must be in ISO-8601 'basic format'. Got '{EchoedValue.Of(text)}'. "
                    + "See http://en.wikipedia.org/wiki/ISO_8601"
            );
    }

    /// <summary>Nothing is, in the header of another scheme, or that has no value; false for what is given twice.</summary>
    private static bool IsEachGivenOnce(
        ReadOnlySpan<char> header,
        out string? credential,
        out string? headers,
        out string? signature
    )
    {
        (credential, headers, signature) = (null, null, null);
        HashSet<string>? others = null;
        if (!IsOurs(header))
            return true;
        var rest = header[SignatureClaim.Algorithm.Length..];
        foreach (var range in rest.Split(','))
        {
            var part = rest[range];
            var equals = part.IndexOf('=');
            if (equals < 1)
                continue;
            var value = part[(equals + 1)..].Trim();
            var name = part[..equals].Trim();
            var isFirst = name switch
            {
                "Credential" => IsFirst(value, ref credential),
                "SignedHeaders" => IsFirst(value, ref headers),
                "Signature" => IsFirst(value, ref signature),
                _ => (others ??= new HashSet<string>(StringComparer.Ordinal)).Add(name.ToString()),
            };
            if (!isFirst)
                return false;
        }

        (credential, headers, signature) = (Given(credential), Given(headers), Given(signature));
        return true;

        static bool IsFirst(ReadOnlySpan<char> value, ref string? given)
        {
            var isFirst = given is null;
            given ??= value.ToString();
            return isFirst;
        }

        static string? Given(string? value) => value is "" ? null : value;
    }

    private static bool IsOurs(ReadOnlySpan<char> header) =>
        header.StartsWith(SignatureClaim.Algorithm)
        && header.Length > SignatureClaim.Algorithm.Length
        && char.IsWhiteSpace(header[SignatureClaim.Algorithm.Length]);

    /// <summary>A signature is no secret. What other schemes carry is, and error messages find their way into logs.</summary>
    private static string Shown(string header) => IsOurs(header) ? EchoedValue.Of(header) : "(of another scheme)";
}
