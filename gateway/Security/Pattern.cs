namespace GlueOrleans.Gateway.Security;

/// <summary>A name in which <c>*</c> stands for any characters, none included. Case counts.</summary>
internal static class Pattern
{
    private const char Any = '*';

    /// <summary>In time that grows with the product of the two lengths at most, whatever the pattern.</summary>
    public static bool Matches(string pattern, string name)
    {
        var (p, n) = (0, 0);
        var (star, resume) = (-1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == Any)
                (star, resume, p) = (p, n, p + 1);
            else if (p < pattern.Length && pattern[p] == name[n])
                (p, n) = (p + 1, n + 1);
            else if (star >= 0)
                // The last star takes one more character; those before it need not be tried again.
                (p, n, resume) = (star + 1, resume + 1, resume + 1);
            else
                return false;
        }

        return pattern.AsSpan(p).TrimStart(Any).IsEmpty;
    }

    /// <summary>Whether every name matches.</summary>
    public static bool IsAll(string pattern) => pattern.Length > 0 && pattern.All(c => c == Any);
}
