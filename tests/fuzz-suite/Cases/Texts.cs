using System.Text;

namespace GlueOrleans.Tests.FuzzSuite.Cases;

/// <summary>Strings: plain, awkward, and such as satisfy or miss the patterns of the model.</summary>
internal static class Texts
{
    private const string Plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_.:/@+=,%{}[]()#$&*!?'|~^\"\\";
    private const string SingleLine = @"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*";
    private const string MultiLine = @"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*";

    /// <summary>What is Unicode text and yet makes trouble somewhere: quoted, terminated, formatted, mirrored, folded …</summary>
    private static readonly string[] Troublesome =
    [
        "\0",
        "\u0001",
        "\u001B[31m",
        "\u007F",
        "\u0085",
        "\u2028",
        "\u2029",
        "\uFEFF",
        "\uFFFD",
        "\uFFFE",
        "\uFFFF",
        "\u202E",
        "\u0301",
        "\U0001F600",
        "\U0010FFFF",
        "\r\n",
        "\t",
        "'",
        "\"",
        "\\",
        "`",
        "{0}",
        "{",
        "}",
        "%s%n",
        "%00",
        "%7B",
        "../../etc/passwd",
        "C:\\con",
        "$(id)",
        "; --",
        "' OR 1=1",
        "<x>&amp;",
        "]]>",
        "İ",
        "ß",
        "ﬃ",
        "\u00A0",
        "NaN",
        "null",
        "1e400",
        "-0",
    ];

    /// <summary>Hits of each pattern that a generic rule would not find, and misses of each pattern there is.</summary>
    public static readonly IReadOnlyDictionary<string, (string[] Hits, string[] Misses)> OfPatterns = new Dictionary<
        string,
        (string[] Hits, string[] Misses)
    >(StringComparer.Ordinal)
    {
        [SingleLine] = ([], ["a\nb", "a\r", "\0", "\u001F", "\uFFFE", "\uFFFF", "x\n"]),
        [MultiLine] = ([], ["\0", "\u0001b", "\u001F", "\uFFFE", "\uFFFF"]),
        ["[a-zA-Z0-9_.-]+"] = (["a", "G.1X", "0_-"], ["a b", "ä", "a/b", "a\n", "\u0661"]),
        ["[A-Za-z0-9_-]*"] = (["n", "node-1", "_"], ["a b", "n.", "é", "n\n", "\u0661"]),
        ["arn:aws(-(cn|us-gov|iso(-[bef])?))?:glue:.*"] = (
            [
                "arn:aws:glue:us-east-1:000000000000:job/job",
                "arn:aws-cn:glue:::job/job",
                "arn:aws-us-gov:glue:x:123456789012:job/job",
                "arn:aws-iso-b:glue:us-east-1:000000000000:usageProfile/small",
                "arn:aws:glue:",
                "arn:aws:glue:::job/",
                "arn:aws:glue:::/job",
                "arn:aws:glue:::::job/a/b:c",
                "arn:aws:glue:us-east-1:000000000000:job/\0",
                "arn:aws:glue:us-east-1:000000000000:trigger/t",
            ],
            ["arn:aws:s3:::b", "arn:aws-x:glue:a", " arn:aws:glue:a", "arn:aws:glue:a\nb", "ARN:AWS:GLUE:a"]
        ),
        [@"^(\w+\.)+\w+$"] = (
            ["5.0", "4.0", "3.0", "0.9", "1.2.3", "a.b_c"],
            ["5", "5.", ".5", "5..0", "5.0\n", "\u0665.\u0660"]
        ),
        ["^$|arn:aws[a-z0-9-]*:kms:.*"] = (
            ["", "arn:aws:kms:k", "arn:aws-cn:kms:\t"],
            ["x", "arn:aws:s3:k", "arn:aws:kms:a\nb"]
        ),
        ["^(Sun|Mon|Tue|Wed|Thu|Fri|Sat):([01]?[0-9]|2[0-3])$"] = (
            ["Sun:10", "Mon:0", "Sat:23", "Tue:09"],
            ["Sun", "sun:10", "Sun:24", "Sun:-1", "Sun:010", "Sun:10\n", "Sun:1\u0660"]
        ),
        ["^([2-3]|3[.]9)$"] = (["2", "3", "3.9"], ["4", "3.10", "39", "3.9\n", ""]),
        [".*"] = (["Ray2.4", "", "a\tb"], ["a\nb", "a\u0085", "\u2028"]),
    };

    /// <summary>Any Unicode text, short, more awkward than not.</summary>
    public static string Awkward(Random random)
    {
        var text = new StringBuilder();
        for (var parts = random.Next(4); parts > 0; parts--)
            text.Append(random.Next(2) == 0 ? random.Pick(Troublesome) : Of(random, random.Next(1, 12)));
        return text.ToString();
    }

    /// <summary>Of so many Unicode scalar values, on one line and without control characters.</summary>
    public static string Of(Random random, int length)
    {
        var text = new StringBuilder(length);
        var kind = random.Next(4);
        for (var i = 0; i < length; i++)
        {
            switch (kind)
            {
                case 0 when random.Next(3) == 0:
                    text.Append(new Rune(random.Next(0x10000, 0x110000)).ToString());
                    break;
                case 1 when random.Next(3) == 0:
                    text.Append((char)random.Next(0xA0, 0xD800));
                    break;
                default:
                    text.Append(Plain[random.Next(Plain.Length)]);
                    break;
            }
        }

        return text.ToString();
    }

    public static T Pick<T>(this Random random, IReadOnlyList<T> from) => from[random.Next(from.Count)];

    public static bool Chance(this Random random, int oneIn) => random.Next(oneIn) == 0;
}
