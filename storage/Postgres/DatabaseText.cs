using System.Text;

namespace GlueOrleans.Storage.Postgres;

/// <summary>
/// Text as PostgreSQL can keep it. It has no U+0000, which scripts do write into their error messages: U+0000 becomes U+0001
/// and "0", and U+0001 becomes U+0001 and "1", which keeps the order by bytes. Halves of surrogate pairs, which are no
/// characters, become U+FFFD, as in SQLite.
/// </summary>
internal static class DatabaseText
{
    internal static string Encode(string text)
    {
        if (IsPlain(text))
            return text;
        var encoded = new StringBuilder(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case 0:
                    encoded.Append("\u00010");
                    break;
                case 1:
                    encoded.Append("\u00011");
                    break;
                default:
                    encoded.Append(rune.ToString());
                    break;
            }
        }

        return encoded.ToString();
    }

    internal static string Decode(string text) =>
        text.Contains('\u0001', StringComparison.Ordinal)
            ? text.Replace("\u00010", "\0", StringComparison.Ordinal)
                .Replace("\u00011", "\u0001", StringComparison.Ordinal)
            : text;

    private static bool IsPlain(string text) =>
        !text.AsSpan().ContainsAnyInRange('\0', '\u0001') && !text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');
}
