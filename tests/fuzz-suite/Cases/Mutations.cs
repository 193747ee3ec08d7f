using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GlueOrleans.Tests.FuzzSuite.Cases;

/// <summary>Changes to the bytes of a request, and to its JSON, at random.</summary>
internal static class Mutations
{
    private const string Mark = "@raw@";

    private static readonly JsonSerializerOptions Relaxed = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 1000,
    };

    /// <summary>Bytes that mean something to a JSON parser, a UTF-8 decoder, a form or a header.</summary>
    private static readonly byte[][] Words =
    [
        "{"u8.ToArray(),
        "}"u8.ToArray(),
        "["u8.ToArray(),
        "]"u8.ToArray(),
        ","u8.ToArray(),
        ":"u8.ToArray(),
        "\""u8.ToArray(),
        "\\"u8.ToArray(),
        "null"u8.ToArray(),
        "true"u8.ToArray(),
        "NaN"u8.ToArray(),
        "-0"u8.ToArray(),
        "1e999999"u8.ToArray(),
        "//"u8.ToArray(),
        "/**/"u8.ToArray(),
        "\\u0000"u8.ToArray(),
        "\\ud800"u8.ToArray(),
        "\\udc00"u8.ToArray(),
        "\\u"u8.ToArray(),
        "&"u8.ToArray(),
        "="u8.ToArray(),
        "%"u8.ToArray(),
        "%00"u8.ToArray(),
        "+"u8.ToArray(),
        [0],
        [0x7F],
        [0x80],
        [0xC0, 0x80],
        [0xED, 0xA0, 0x80],
        [0xF4, 0x90, 0x80, 0x80],
        [0xF8],
        [0xFF],
        [0xFE, 0xFF],
        [0xEF, 0xBB, 0xBF],
        [0xC3],
        "\r\n"u8.ToArray(),
        "\r\n\r\n"u8.ToArray(),
    ];

    /// <summary>JSON values, and what looks like one, that a valid request does not have.</summary>
    private static readonly string[] Values =
    [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-1",
        "1.0",
        "1e0",
        "1E+2",
        "1e999999",
        "-1e999999",
        "1e-999999",
        "0.1e-400",
        "01",
        "+1",
        ".5",
        "1.",
        "0x10",
        "NaN",
        "Infinity",
        "-Infinity",
        "2147483647",
        "2147483648",
        "-2147483648",
        "-2147483649",
        "9223372036854775808",
        "18446744073709551616",
        "\"\"",
        "\"\\u0000\"",
        "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"\\ud83d\\ude00\"",
        "\"\\x41\"",
        "\"a\nb\"",
        "'a'",
        "\"unterminated",
        "[]",
        "{}",
        "[null]",
        "[[]]",
        "[1,]",
        "{\"a\":1,}",
        "{\"a\":1,\"a\":2}",
        "{\"\":\"\"}",
        "{\"a\":null}",
        "{a:1}",
        "[,]",
        "/*c*/1",
        "1//c\n",
        "\uFEFF1",
        "undefined",
        "",
    ];

    /// <summary>One to four changes to bytes, whatever they are.</summary>
    public static byte[] OfBytes(Random random, byte[] bytes)
    {
        var changed = new List<byte>(bytes);
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            var at = random.Next(changed.Count + 1);
            var length = Math.Min(random.Next(1, 1 + random.Pick([1, 4, 16, 64])), changed.Count - at);
            switch (random.Next(9))
            {
                case 0 when at < changed.Count:
                    changed[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < changed.Count:
                    changed[at] = (byte)random.Next(256);
                    break;
                case 2:
                    changed.RemoveRange(at, length);
                    break;
                case 3:
                    changed.InsertRange(random.Next(changed.Count + 1), changed.GetRange(at, length));
                    break;
                case 4:
                    changed.InsertRange(at, random.Pick(Words));
                    break;
                case 5:
                    changed.RemoveRange(at, changed.Count - at);
                    break;
                case 6:
                    changed.InsertRange(
                        at,
                        Enumerable.Repeat(random.Pick(Words), random.Next(1, 200)).SelectMany(w => w)
                    );
                    break;
                case 7:
                    var noise = new byte[random.Next(1, 20)];
                    random.NextBytes(noise);
                    changed.InsertRange(at, noise);
                    break;
                default:
                    changed.InsertRange(0, changed.GetRange(at, changed.Count - at));
                    break;
            }
        }

        return [.. changed];
    }

    /// <summary>One to three changes to a request as JSON: other types, other places, more members, what is no JSON.</summary>
    public static byte[] OfStructure(Random random, JsonObject request)
    {
        var raw = new List<string>();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var parent = AnyAggregate(random, request);
            switch (random.Next(8))
            {
                case 0:
                    Remove(random, parent);
                    break;
                case 1:
                    Put(random, parent, null);
                    break;
                case 2:
                    // A value from somewhere else in the request.
                    Put(random, parent, AnyAggregate(random, request).DeepClone());
                    break;
                case 3:
                    Add(parent, random.Pick(["Unknown", "jobName", "JobName ", "", "__type", "Name", "\0"]), "x");
                    break;
                case 4:
                    Put(random, parent, Texts.Awkward(random));
                    break;
                case 5:
                    raw.Add(Large(random));
                    Put(random, parent, Mark);
                    break;
                default:
                    raw.Add(random.Pick(Values));
                    Put(random, parent, Mark);
                    break;
            }
        }

        var json = request.ToJsonString(random.Chance(2) ? Relaxed : null);
        foreach (var value in raw)
        {
            var at = json.IndexOf($"\"{Mark}\"", StringComparison.Ordinal);
            if (at >= 0)
                json = string.Concat(json.AsSpan(0, at), value, json.AsSpan(at + Mark.Length + 2));
        }

        if (random.Chance(8))
            json = Duplicated(random, json);
        return Encoding.UTF8.GetBytes(json);
    }

    /// <summary>A value that is large, deep or wide; seldom more than a few hundred kilobytes.</summary>
    private static string Large(Random random)
    {
        var size = random.Pick([10, 63, 64, 65, 300, 3000, 30_000]);
        return random.Next(7) switch
        {
            0 => new string('[', size) + new string(']', size),
            1 => string.Concat(Enumerable.Repeat("{\"a\":", size)) + "1" + new string('}', size),
            2 => "\"" + new string(random.Pick(['a', 'é', '\u2028']), size * 10) + "\"",
            3 => "{" + string.Join(',', Enumerable.Range(0, size * 3).Select(i => $"\"k{i}\":\"\"")) + "}",
            4 => "{" + string.Join(',', Enumerable.Repeat("\"k\":\"v\"", size)) + "}",
            5 => "[" + string.Join(',', Enumerable.Repeat("\"\"", size * 3)) + "]",
            _ => new string('9', size),
        };
    }

    /// <summary>All members once more, before or behind.</summary>
    private static string Duplicated(Random random, string json) =>
        json.Length <= 2 ? json
        : random.Chance(2) ? $"{{{json[1..^1]},{json[1..]}"
        : $"{{\"JobName\":{random.Pick(Values)},{json[1..]}";

    /// <summary>An object or array of the request, itself included.</summary>
    private static JsonNode AnyAggregate(Random random, JsonObject request)
    {
        JsonNode node = request;
        while (!random.Chance(2))
        {
            var inside = Children(node).Where(child => child is JsonObject or JsonArray).ToList();
            if (inside.Count == 0)
                break;
            node = random.Pick(inside)!;
        }

        return node;
    }

    private static IEnumerable<JsonNode?> Children(JsonNode node) =>
        node is JsonObject members ? members.Select(member => member.Value) : node.AsArray();

    private static void Remove(Random random, JsonNode parent)
    {
        if (parent is JsonObject { Count: > 0 } members)
            members.Remove(members.ElementAt(random.Next(members.Count)).Key);
        else if (parent is JsonArray { Count: > 0 } items)
            items.RemoveAt(random.Next(items.Count));
    }

    private static void Put(Random random, JsonNode parent, JsonNode? value)
    {
        if (parent is JsonObject { Count: > 0 } members)
            members[members.ElementAt(random.Next(members.Count)).Key] = value;
        else if (parent is JsonArray { Count: > 0 } items)
            items[random.Next(items.Count)] = value;
        else
            Add(parent, "k", value);
    }

    private static void Add(JsonNode parent, string name, JsonNode? value)
    {
        if (parent is JsonObject members)
            members[name] = value;
        else
            parent.AsArray().Add(value);
    }
}
