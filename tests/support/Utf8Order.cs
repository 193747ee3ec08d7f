using System.Text;

namespace GlueOrleans.Tests.Support;

/// <summary>
/// The order of a database that compares UTF-8 bytes. <see cref="StringComparer.Ordinal"/> compares UTF-16 units, which
/// puts U+10000 and above (surrogates, D800 …) before U+E000 … U+FFFF; as UTF-8 they come after.
/// </summary>
public sealed class Utf8Order : IComparer<string>
{
    public static Utf8Order Instance { get; } = new();

    public int Compare(string? x, string? y) => Bytes(x).SequenceCompareTo(Bytes(y));

    private static ReadOnlySpan<byte> Bytes(string? text) => Encoding.UTF8.GetBytes(text ?? string.Empty);
}
