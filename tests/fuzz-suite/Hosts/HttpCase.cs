using System.Globalization;
using System.Text;

namespace GlueOrleans.Tests.FuzzSuite.Hosts;

/// <summary>A request as it is sent.</summary>
/// <param name="Method">Any token.</param>
/// <param name="Target">Path and query, as on the request line.</param>
/// <param name="Headers">In order; a name may be there several times.</param>
/// <param name="Body">All of it.</param>
internal sealed record HttpCase(
    string Method,
    string Target,
    IReadOnlyList<(string Name, string Value)> Headers,
    byte[] Body
)
{
    private const int ShownBytes = 4096;

    /// <summary>A request of the JSON protocol, as SDKs send it.</summary>
    public static HttpCase Json(string operation, byte[] body) =>
        new(
            "POST",
            "/",
            [
                ("Host", "localhost"),
                ("Content-Type", "application/x-amz-json-1.1"),
                ("X-Amz-Target", $"AWSGlue.{operation}"),
            ],
            body
        );

    public static HttpCase Form(string form) =>
        new(
            "POST",
            "/",
            [("Host", "localhost"), ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
            Encoding.UTF8.GetBytes(form)
        );

    public string? Header(string name)
    {
        foreach (var header in Headers)
        {
            if (header.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return header.Value;
        }

        return null;
    }

    /// <summary>For people: whole, unless the body is long.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Method} {Escaped(Target)}\n");
        foreach (var (name, value) in Headers)
            text.Append(CultureInfo.InvariantCulture, $"{Escaped(name)}: {Escaped(value)}\n");
        text.Append(CultureInfo.InvariantCulture, $"\n({Body.Length} bytes) {Shown(Body)}");
        return text.ToString();
    }

    /// <summary>Printable ASCII as it is, other bytes as <c>\xNN</c>.</summary>
    public static string Shown(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        foreach (var b in bytes[..Math.Min(bytes.Length, ShownBytes)])
        {
            if (b is >= 0x20 and < 0x7F)
                text.Append((char)b);
            else
                text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
        }

        return bytes.Length > ShownBytes ? text.Append(" ...").ToString() : text.ToString();
    }

    private static string Escaped(string text) => Shown(Encoding.UTF8.GetBytes(text));
}

/// <summary>What came back.</summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="Headers">By name.</param>
/// <param name="Body">All of it.</param>
internal sealed record HttpAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public string Header(string name) => Headers.GetValueOrDefault(name, "");
}
