using System.Buffers;
using System.Text;

namespace GlueOrleans.Gateway.Security;

/// <summary>A text that is put together to be hashed: in UTF-8, and as long as it fits in memory of its caller's.</summary>
/// <param name="own">Where it begins; may be small.</param>
internal ref struct Utf8Text(Span<byte> own)
{
    private Span<byte> _bytes = own;
    private byte[]? _rented;
    private int _length;

    public readonly ReadOnlySpan<byte> Bytes => _bytes[.._length];

    public void Append(ReadOnlySpan<char> text)
    {
        Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        _length += Encoding.UTF8.GetBytes(text, _bytes[_length..]);
    }

    public void Append(char ascii)
    {
        Reserve(1);
        _bytes[_length++] = (byte)ascii;
    }

    public void Dispose()
    {
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
        _rented = null;
    }

    private void Reserve(int more)
    {
        if (_length + more <= _bytes.Length)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + more, 2 * _bytes.Length));
        Bytes.CopyTo(larger);
        Dispose();
        _bytes = _rented = larger;
    }
}
