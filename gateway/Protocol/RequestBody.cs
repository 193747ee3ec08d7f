using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>Reads a request body into memory, and never more of it than allowed.</summary>
/// <remarks>
/// The buffer grows with what has arrived, not with what <c>Content-Length</c> promises, so that a promise costs nothing.
/// How slowly a body may arrive is Kestrel's <c>MinRequestBodyDataRate</c>. A body that is too large is read on and thrown
/// away, up to <see cref="DrainBytes"/>: a client that is still sending would otherwise meet a reset connection and never
/// see the answer.
/// </remarks>
internal sealed class RequestBody : IDisposable
{
    public const long DrainBytes = 64L * 1024 * 1024;
    private const int FirstBufferBytes = 16 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
    private int _length;

    private RequestBody() { }

    /// <summary>Whether the body had more bytes than allowed; then there are no <see cref="Bytes"/>.</summary>
    public bool IsTooLarge { get; private set; }

    public ReadOnlyMemory<byte> Bytes => IsTooLarge ? default : _buffer.AsMemory(0, _length);

    public static async Task<RequestBody> Read(HttpContext http, int maxBytes)
    {
        // Kestrel's own limit (30 MB) would answer 413 with no body; ours is smaller, and answers in the protocol.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;

        var body = new RequestBody();
        try
        {
            await body.Fill(http, maxBytes);
            return body;
        }
        catch (Exception failure)
        {
            body.Dispose();
            // Which of these a cut connection shows itself as, and whether RequestAborted fires first, is a race.
            if (failure is ConnectionResetException or ConnectionAbortedException or OperationCanceledException)
                throw new ClientGoneException(failure);
            throw;
        }
    }

    public void Dispose()
    {
        // A body may hold tokens and passwords in its arguments: the pool gives the array to anyone.
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _buffer = [];
    }

    private async Task Fill(HttpContext http, int maxBytes)
    {
        var (stream, cancelled) = (http.Request.Body, http.RequestAborted);
        // A client that asks first (Expect: 100-continue) has sent nothing yet, and needs no draining.
        if (http.Request.ContentLength > maxBytes && http.Request.Headers.Expect.Count > 0)
        {
            IsTooLarge = true;
            return;
        }

        while (_length <= maxBytes)
        {
            if (_length == _buffer.Length)
                Grow();
            var read = await stream.ReadAsync(_buffer.AsMemory(_length), cancelled);
            if (read == 0)
                return;
            _length += read;
        }

        IsTooLarge = true;
        var drained = (long)_length;
        int more;
        while (drained < DrainBytes && (more = await stream.ReadAsync(_buffer, cancelled)) > 0)
            drained += more;
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _buffer = larger;
    }
}

/// <summary>The connection ended while the body was being read: not an error of ours, and nobody is left to answer.</summary>
internal sealed class ClientGoneException(Exception cause) : IOException("The client has gone.", cause);
