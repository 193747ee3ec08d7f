using System.Globalization;
using GlueOrleans.Gateway.Protocol;

namespace GlueOrleans.Gateway.Security;

/// <summary>
/// The presigned form: the parts of the signature as parameters of the URL. No Glue client is known to use it
/// (glue-behaviour.md 1.4.4).
/// </summary>
internal static class PresignedQuery
{
    public const string SignatureName = "X-Amz-Signature";

    private const string Prefix = "X-Amz-";
    private const int LongestExpires = 604_800;

    private static readonly string[] Required =
    [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        SignatureName,
        "X-Amz-SignedHeaders",
        "X-Amz-Date",
        "X-Amz-Expires",
    ];

    /// <summary>Whether the URL has any part of a signature.</summary>
    public static bool IsIn(IReadOnlyList<QueryParameter> query) =>
        query.Any(parameter => Required.Contains(parameter.Name, StringComparer.Ordinal));

    /// <returns>What is wrong; or nothing, and there is a claim.</returns>
    public static AwsError? Read(IReadOnlyList<QueryParameter> query, out SignatureClaim? claim)
    {
        claim = null;
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in query.Where(p => p.Name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)))
        {
            if (!given.TryAdd(name, value))
                return Incomplete($"'{EchoedValue.Of(name)}' must be given once.");
        }

        var missing = Required.Where(name => given.GetValueOrDefault(name, "").Length == 0).ToList();
        if (missing.Count > 0)
            return Incomplete(string.Join(' ', missing.Select(name => $"must include '{name}'.")));
        if (given["X-Amz-Algorithm"] != SignatureClaim.Algorithm)
            return Incomplete($"must have '{SignatureClaim.Algorithm}' as 'X-Amz-Algorithm'.");
        if (
            !int.TryParse(given["X-Amz-Expires"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds is < 1 or > LongestExpires
        )
        {
            return Incomplete($"must have a number of seconds from 1 to {LongestExpires} as 'X-Amz-Expires'.");
        }

        if (!SignatureTime.TryParse(given["X-Amz-Date"], out var time))
            return Incomplete("must have a time in ISO-8601 'basic format' as 'X-Amz-Date'.");
        return SignatureClaim.Read(
            out claim,
            given["X-Amz-Credential"],
            given["X-Amz-SignedHeaders"],
            given[SignatureName],
            time,
            TimeSpan.FromSeconds(seconds)
        );
    }

    private static AwsError Incomplete(string what) =>
        SignatureErrors.IncompleteSignature(
            $"AWS query-string parameters {what} Re-examine the query-string parameters."
        );
}
