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

        if (Parameters(header) is not { } given)
        {
            return SignatureErrors.IncompleteSignature(
                $"Authorization header requires each parameter once. Authorization={Shown(header)}"
            );
        }

        var (credential, signature, headers) = (
            given.GetValueOrDefault("Credential", ""),
            given.GetValueOrDefault("Signature", ""),
            given.GetValueOrDefault("SignedHeaders", "")
        );
        var amzDate = request.Headers[AmzDate];
        var date = amzDate.Count > 0 ? amzDate : request.Headers.Date;
        var missing = new List<string>();
        if (credential.Length == 0)
            missing.Add("Authorization header requires 'Credential' parameter.");
        if (signature.Length == 0)
            missing.Add("Authorization header requires 'Signature' parameter.");
        if (headers.Length == 0)
            missing.Add("Authorization header requires 'SignedHeaders' parameter.");
        if (StringValues.IsNullOrEmpty(date))
            missing.Add("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
        if (missing.Count > 0)
        {
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

    /// <summary>Nothing for another scheme; <c>null</c> for a parameter that is given twice.</summary>
    private static Dictionary<string, string>? Parameters(string header)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!IsOurs(header))
            return parameters;
        foreach (var part in header[SignatureClaim.Algorithm.Length..].Split(','))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && !parameters.TryAdd(part[..equals].Trim(), part[(equals + 1)..].Trim()))
                return null;
        }

        return parameters;
    }

    private static bool IsOurs(string header) =>
        header.StartsWith(SignatureClaim.Algorithm, StringComparison.Ordinal)
        && header.Length > SignatureClaim.Algorithm.Length
        && char.IsWhiteSpace(header[SignatureClaim.Algorithm.Length]);

    /// <summary>A signature is no secret. What other schemes carry is, and error messages find their way into logs.</summary>
    private static string Shown(string header) => IsOurs(header) ? EchoedValue.Of(header) : "(of another scheme)";
}
