using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace GlueOrleans.GrainInterfaces;

/// <summary>
/// Decides, by their names, which arguments of jobs and runs are secrets, and takes them out of what is shown to others than
/// their owner: logs, events, traces, errors. The calls of the API that own them (GetJob, GetJobRun …) show them, as Glue's do.
/// </summary>
/// <remarks>
/// A name counts as a secret's if it has one of <see cref="Words"/> in it, whatever the case and whatever is between the words:
/// <c>--DB_PASSWORD</c>, <c>--api-key</c>, <c>spark.hadoop.fs.s3a.secret.key</c>. Better one too many than one too few.
/// </remarks>
public static partial class SecretNames
{
    /// <summary>Stands where a secret was.</summary>
    public const string Masked = "***";

    /// <summary>Characters. A shorter secret is not looked for in a text, in which it may well be a word of the language.</summary>
    private const int LeastSought = 6;

    private static readonly string[] Words =
    [
        "pass",
        "pwd",
        "secret",
        "token",
        "credential",
        "apikey",
        "privatekey",
        "accesskey",
        "accountkey",
        "sharedkey",
        "signingkey",
        "encryptionkey",
        "connectionstring",
        "authorization",
    ];

    private static readonly SearchValues<char> EndsOfValues = SearchValues.Create(" \t\r\n;&,\"'}");

    public static bool IsSecret(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var plain = string.Concat(name.Where(char.IsAsciiLetterOrDigit));
        return Array.Exists(Words, word => plain.Contains(word, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>An argument's value as it may be shown.</summary>
    public static string Mask(string name, string value) => IsSecret(name) ? Masked : Mask(value);

    /// <summary>A value, or several in one: <c>spark.x.password=***</c>, <c>https://user:***@host</c>,
    /// <c>{"token": ***}</c>.</summary>
    public static string Mask(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var shown = new StringBuilder();
        var copied = 0;
        foreach (var (start, length) in Assigned(value))
        {
            shown.Append(value, copied, start - copied).Append(Masked);
            copied = start + length;
        }

        shown.Append(value, copied, value.Length - copied);
        return Userinfo().Replace(shown.ToString(), "${begin}" + Masked + "@");
    }

    /// <summary>A text, such as what a script has printed, without the values that are secrets in its arguments.</summary>
    public static string Redact(string text, IReadOnlyDictionary<string, string> arguments)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(arguments);
        // The longest first: one may be a part of another.
        foreach (var secret in arguments.SelectMany(Secrets).Distinct().OrderByDescending(secret => secret.Length))
            text = text.Replace(secret, Masked, StringComparison.Ordinal);
        return text;
    }

    private static IEnumerable<string> Secrets(KeyValuePair<string, string> argument)
    {
        var (name, value) = argument;
        IEnumerable<string> secrets = IsSecret(name)
            ? [value]
            :
            [
                .. Assigned(value).Select(at => value.Substring(at.Start, at.Length).Trim('"', '\'')),
                .. Userinfo().Matches(value).Select(match => match.Groups["value"].Value),
            ];
        return secrets.Where(secret => secret.Length >= LeastSought);
    }

    /// <summary>Where in a value others are that a secret's name stands before, with their quotes.</summary>
    /// <remarks>In time that grows with the value alone: each name is looked at from its beginning only and as a whole, and what
    /// follows it only if it is a secret's.</remarks>
    private static IEnumerable<(int Start, int Length)> Assigned(string value)
    {
        var end = 0;
        foreach (Match name in NameAndSign().Matches(value))
        {
            var start = name.Index + name.Length;
            if (start < end || !IsSecret(name.Groups["name"].Value))
                continue;
            end = EndOfValue(value, start);
            if (end > start)
                yield return (start, end - start);
        }
    }

    private static int EndOfValue(string value, int start)
    {
        if (start < value.Length && value[start] is '"' or '\'')
        {
            if (value.IndexOf(value[start], start + 1) is > 0 and var quote)
                return quote + 1;
            start++;
        }

        var length = value.AsSpan(start).IndexOfAny(EndsOfValues);
        return length < 0 ? value.Length : start + length;
    }

    [GeneratedRegex("""(?<![\w.-])(?>(?<name>[\w.-]+))["']?(?>\s*)[=:](?>\s*)""", RegexOptions.ExplicitCapture)]
    private static partial Regex NameAndSign();

    [GeneratedRegex("(?<begin>://(?:[^/\\s:@]*:)?)(?<value>[^/\\s]+)@", RegexOptions.ExplicitCapture)]
    private static partial Regex Userinfo();
}
