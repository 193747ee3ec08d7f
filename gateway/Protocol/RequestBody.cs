using System.Buffers;
using GlueOrleans.Gateway.Limits;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GlueOrleans.Gateway.Protocol;

/// <summary>Why a body was not read to its end.</summary>
internal enum BodyFault
{
    None,

    /// <summary>More bytes than a body may have.</summary>
    TooLarge,

    /// <summary>Not there in time.</summary>
    TooSlow,

    /// <summary>The bodies of all requests together would take more memory than they may.</summary>
    NoMemory,

    /// <summary>Nobody wants it: the request is refused whatever it says.</summary>
    Unwanted,
}

/// <summary>Reads a request body into memory, and never more of it than allowed.</summary>
/// <remarks>
/// The buffer grows with what has arrived, not with what <c>Content-Length</c> promises, so that a promise costs nothing. Its
/// first bytes are each request's own; what is more is taken of <see cref="BodyMemory"/>. A body that is too large is read
/// on and thrown away, up to <see cref="DrainBytes"/>: a client that is still sending would otherwise meet a reset
/// connection and never see the answer.
/// </remarks>
internal sealed class RequestBody : IDisposable
{
    public const long DrainBytes = 64L * 1024 * 1024;
    private const int FirstBufferBytes = 4 * 1024;
    private const int DrainBufferBytes = 16 * 1024;

    private readonly BodyMemory _memory;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
    private int _taken;
    private int _length;

    private RequestBody(BodyMemory memory) => _memory = memory;

    /// <summary>Anything but none: there are no <see cref="Bytes"/>.</summary>
    public BodyFault Fault { get; private set; }

    public ReadOnlyMemory<byte> Bytes => Fault == BodyFault.None ? _buffer.AsMemory(0, _length) : default;

    /// <summary>Whether a request's body may need more than what is each request's own.</summary>
    public static bool MayTakeMemory(HttpContext http) =>
        http.Request.ContentLength is { } length
            ? length > FirstBufferBytes
            : http.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };

    /// <param name="http">The request; nothing of its body has been read.</param>
    /// <param name="limits">How large a body may be, and how long it may take.</param>
    /// <param name="memory">What it is kept in.</param>
    /// <param name="clock">The wall's.</param>
    /// <param name="isWanted">Otherwise it is only waited for, so that the client hears why.</param>
    /// <exception cref="ClientGoneException">The connection ended.</exception>
    public static async Task<RequestBody> Read(
        HttpContext http,
        GatewayOptions limits,
        BodyMemory memory,
        TimeProvider clock,
        bool isWanted = true
    )
    {
        // Kestrel's own limit (30 MB) would answer 413 with no body; ours is smaller, and answers in the protocol.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = null;

        var body = new RequestBody(memory) { Fault = isWanted ? BodyFault.None : BodyFault.Unwanted };
        // A client that goes away fails the read by itself.
        CancellationTokenSource? late = null;
        try
        {
            if (isWanted && body.TryTake(http, limits.MaxRequestBytes))
                return body;
            late = new CancellationTokenSource(limits.BodyTimeout, clock);
            await body.Fill(http, limits.MaxRequestBytes, late.Token);
            return body;
        }
        catch (Exception failure)
        {
            // Which of these a cut connection shows itself as, and whether RequestAborted fires first, is a race.
            var isCut = failure is ConnectionResetException or ConnectionAbortedException;
            var isLate = late is { IsCancellationRequested: true } && !http.RequestAborted.IsCancellationRequested;
            if (isCut || (failure is OperationCanceledException && !isLate))
            {
                body.Dispose();
                throw new ClientGoneException(failure);
            }

            if (
                failure
                is OperationCanceledException
                    or BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout }
            )
            {
                // One that is too large, or unwanted, has no other fault.
                if (body.Fault == BodyFault.None)
                    body.Fault = BodyFault.TooSlow;
                return body;
            }

            body.Dispose();
            throw;
        }
        finally
        {
            late?.Dispose();
        }
    }

    public void Dispose()
    {
        // A body may hold tokens and passwords in its arguments: the pool gives the array to anyone.
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _memory.Return(_taken);
        (_buffer, _taken) = ([], 0);
    }

    /// <summary>Most bodies are short, and come with their headers: nothing is to be waited for.</summary>
    /// <returns>False: nothing was read.</returns>
    private bool TryTake(HttpContext http, int maxBytes)
    {
        // Kestrel would have to ask for it.
        if (http.Request.Headers.Expect.Count > 0 || !http.Request.BodyReader.TryRead(out var arrived))
            return false;
        if (!arrived.IsCompleted || arrived.Buffer.Length > Math.Min(_buffer.Length, maxBytes))
        {
            http.Request.BodyReader.AdvanceTo(arrived.Buffer.Start);
            return false;
        }

        arrived.Buffer.CopyTo(_buffer);
        _length = (int)arrived.Buffer.Length;
        http.Request.BodyReader.AdvanceTo(arrived.Buffer.End);
        return true;
    }

    private async Task Fill(HttpContext http, int maxBytes, CancellationToken cancelled)
    {
        var stream = http.Request.Body;
        // A client that asks first (Expect: 100-continue) has sent nothing yet, and needs no draining.
        var isAsking = http.Request.Headers.Expect.Count > 0;
        if (Fault == BodyFault.Unwanted)
        {
            if (!isAsking)
                await Drain(stream, cancelled);
            return;
        }

        if (http.Request.ContentLength > maxBytes && isAsking)
        {
            Fault = BodyFault.TooLarge;
            return;
        }

        while (_length < maxBytes)
        {
            if (_length == _buffer.Length && !TryGrow())
            {
                Fault = BodyFault.NoMemory;
                return;
            }

            var read = await stream.ReadAsync(_buffer.AsMemory(_length, RoomFor(maxBytes)), cancelled);
            if (read == 0)
                return;
            _length += read;
        }

        if (await stream.ReadAsync(new byte[1], cancelled) == 0)
            return;
        Fault = BodyFault.TooLarge;
        await Drain(stream, cancelled);
    }

    private int RoomFor(int maxBytes) => Math.Min(_buffer.Length, maxBytes) - _length;

    private async Task Drain(Stream stream, CancellationToken cancelled)
    {
        var drained = (long)_length;
        Replace(ArrayPool<byte>.Shared.Rent(DrainBufferBytes), taken: 0);
        int more;
        while (drained < DrainBytes && (more = await stream.ReadAsync(_buffer, cancelled)) > 0)
            drained += more;
    }

    private bool TryGrow()
    {
        var length = _buffer.Length * 2;
        if (!_memory.TryTake(length))
            return false;
        var larger = ArrayPool<byte>.Shared.Rent(length);
        _buffer.CopyTo(larger, 0);
        Replace(larger, length);
        return true;
    }

    private void Replace(byte[] buffer, int taken)
    {
        ArrayPool<byte>.Shared.Return(_buffer, clearArray: true);
        _memory.Return(_taken);
        (_buffer, _taken) = (buffer, taken);
    }
}

/// <summary>The connection ended while the body was being read: not an error of ours, and nobody is left to answer.</summary>
internal sealed class ClientGoneException(Exception cause) : IOException("The client has gone.", cause);
