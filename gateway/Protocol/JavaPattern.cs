using System.Text;
using System.Text.RegularExpressions;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>A pattern of the service model, read as its authors read it: as a Java regular expression over the whole value.</summary>
/// <remarks>
/// .NET reads three things differently, and this class translates them:
/// <list type="bullet">
/// <item><c>\uD800\uDC00-\uDBFF\uDFFF</c> in a class is one range of code points (U+10000 to U+10FFFF) in Java; .NET
/// would see four UTF-16 units, and a backward range. Here it becomes "any surrogate": strings with a lone one are
/// refused before they get here, so what is left are the halves of code points in that range.</item>
/// <item><c>\w</c> is ASCII.</item>
/// <item><c>.</c> excludes all of Java's line terminators, not only <c>\n</c>.</item>
/// </list>
/// </remarks>
internal sealed class JavaPattern
{
    private const string SupplementaryRange = @"\uD800\uDC00-\uDBFF\uDFFF";
    private readonly Regex _regex;

    public JavaPattern(string text)
    {
        Text = text;
        // NonBacktracking: linear time, whatever a caller sends.
        _regex = new Regex($@"\A(?:{Translate(text)})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }

    /// <summary>The pattern as the model has it, which is also how a violation shows it.</summary>
    public string Text { get; }

    public bool Matches(string value) => _regex.IsMatch(value);

    private static string Translate(string pattern)
    {
        var source = pattern.Replace(SupplementaryRange, @"\uD800-\uDFFF", StringComparison.Ordinal);
        var translated = new StringBuilder(source.Length + 16);
        var inClass = false;
        for (var i = 0; i < source.Length; i++)
        {
            var c = source[i];
            if (c == '\\' && i + 1 < source.Length)
            {
                i++;
                translated.Append(
                    source[i] == 'w' ? (inClass ? "a-zA-Z0-9_" : "[a-zA-Z0-9_]") : string.Create(2, source[i], Escaped)
                );
                continue;
            }

            inClass = c switch
            {
                '[' => true,
                ']' => false,
                _ => inClass,
            };
            translated.Append(c == '.' && !inClass ? @"[^\n\r\u0085\u2028\u2029]" : c.ToString());
        }

        return translated.ToString();
    }

    private static void Escaped(Span<char> target, char escaped)
    {
        target[0] = '\\';
        target[1] = escaped;
    }
}
