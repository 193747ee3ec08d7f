using System.Globalization;

namespace GlueOrleans.Gateway.Security;

/// <summary>The times in signatures: ISO 8601 in its basic form, <c>20260301T120000Z</c>, to the second.</summary>
internal static class SignatureTime
{
    private const string Basic = "yyyyMMdd'T'HHmmss'Z'";
    private const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;

    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(Basic, CultureInfo.InvariantCulture);

    public static bool TryParse(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, Basic, CultureInfo.InvariantCulture, Utc, out time);

    /// <summary>The header <c>Date</c>, which may also have HTTP's own form.</summary>
    public static bool TryParseHttp(string text, out DateTimeOffset time) =>
        TryParse(text, out time)
        || DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, Utc, out time);
}
