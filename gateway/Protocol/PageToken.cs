using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>
/// What <c>NextToken</c> carries: where the page before ended. Opaque to clients, and good only for the listing it came
/// from: the same operation, account and scope.
/// </summary>
/// <remarks>
/// base64url of a checksum and the position. The checksum covers the listing as well, so that a token of another job, and
/// one that was edited or cut, is refused instead of silently giving a wrong page. It is not a secret, and
/// need be none: a token says only from where on to list. What is listed, and of which account, comes from the request, whose
/// caller is known by then; so whoever forges a token gets a page that asking for it honestly would have shown. No per-process key, so tokens outlive restarts and work on every node.
/// </remarks>
/// <param name="Operation">The operation that pages.</param>
/// <param name="Account">Whose listing.</param>
/// <param name="Scope">What else selects the listing: a job's name, a filter in canonical form; else empty.</param>
internal readonly record struct PageToken(string Operation, string Account, string Scope)
{
    /// <summary>Bytes. Enough that no edit passes by chance; not meant against forgery.</summary>
    private const int ChecksumLength = 12;

    public string After(string position)
    {
        var positionBytes = Encoding.UTF8.GetBytes(position);
        return Base64Url.EncodeToString([.. Checksum(positionBytes), .. positionBytes]);
    }

    /// <param name="token">As a client sent it.</param>
    /// <param name="position">What <see cref="After"/> was given; <c>null</c> when the token is not one of this listing.</param>
    public bool TryRead(string token, [NotNullWhen(true)] out string? position)
    {
        position = null;
        if (!Base64Url.IsValid(token))
            return false;
        var bytes = Base64Url.DecodeFromChars(token);
        if (bytes.Length < ChecksumLength)
            return false;
        var positionBytes = bytes.AsSpan(ChecksumLength);
        // The decoder tolerates white space, padding and stray low bits: only the one canonical spelling is a token.
        if (
            !Checksum(positionBytes).AsSpan().SequenceEqual(bytes.AsSpan(0, ChecksumLength))
            || !string.Equals(Base64Url.EncodeToString(bytes), token, StringComparison.Ordinal)
        )
        {
            return false;
        }

        position = Encoding.UTF8.GetString(positionBytes);
        return true;
    }

    private byte[] Checksum(ReadOnlySpan<byte> position)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, Encoding.UTF8.GetBytes(Operation));
        Append(hash, Encoding.UTF8.GetBytes(Account));
        Append(hash, Encoding.UTF8.GetBytes(Scope));
        Append(hash, position);
        return hash.GetHashAndReset()[..ChecksumLength];
    }

    /// <summary>Each part with its length, so that no two listings run together into the same bytes.</summary>
    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, part.Length);
        hash.AppendData(length);
        hash.AppendData(part);
    }
}
