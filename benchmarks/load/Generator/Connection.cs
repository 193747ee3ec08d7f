using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GlueOrleans.Benchmarks.Load.Generator;

/// <summary>Whoever sends over connections, and is told what becomes of them.</summary>
internal interface ISender
{
    void Opened(Connection connection);

    /// <param name="connection">Which one.</param>
    /// <param name="answer">To the request that was under way.</param>
    void Answered(Connection connection, Answer answer);

    /// <summary>It has ended, perhaps with a request under way, and opens again by itself.</summary>
    void Closed(Connection connection);
}

/// <param name="Status">Of HTTP.</param>
/// <param name="Error">The error's code, if the status is not 200.</param>
/// <param name="IsLast">The connection takes no more requests.</param>
internal readonly record struct Answer(int Status, string Error, bool IsLast);

/// <summary>
/// One keep-alive connection of HTTP/1.1 that carries one request at a time, as the pools of AWS's clients do. Lean: no
/// objects for a request, no parsing beyond what has to be known.
/// </summary>
internal sealed class Connection(IPEndPoint target, ISender sender)
{
    /// <summary>A page of runs is the longest answer that is asked for.</summary>
    private const int LongestAnswer = 8 * 1024 * 1024;

    private static readonly TimeSpan ReconnectPause = TimeSpan.FromMilliseconds(200);

    private byte[] _buffer = new byte[4 * 1024];
    private Socket? _socket;

    /// <summary>Of the request that was sent last.</summary>
    public Operation Operation { get; private set; }

    /// <summary>When that was to be sent, as a timestamp of the clock. Later than that it may have been, and that counts.</summary>
    public long IntendedAt { get; private set; }

    /// <summary>The sender's: in what condition it has the connection.</summary>
    public ConnectionUse Use { get; set; }

    /// <summary>Connects, and again whenever the connection has ended, until it is cancelled.</summary>
    public async Task Run(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                using var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                socket.NoDelay = true;
                await socket.ConnectAsync(target, cancellation);
                _socket = socket;
                sender.Opened(this);
                await Receive(socket, cancellation);
            }
            catch (SocketException)
            {
                // Ended by the other side, or not even begun.
            }
            catch (OperationCanceledException)
            {
                return;
            }

            sender.Closed(this);
            await Task.Delay(ReconnectPause, TimeProvider.System, cancellation)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Only between <see cref="ISender.Opened"/> and <see cref="ISender.Closed"/>, when nothing is under way. So little
    /// is sent that it never waits for room.</summary>
    public void Send(Request request, long intendedAt)
    {
        (Operation, IntendedAt) = (request.Operation, intendedAt);
        try
        {
            _socket!.Send(request.Bytes);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The receiving side finds it broken, too, and tells.
        }
    }

    private async Task Receive(Socket socket, CancellationToken cancellation)
    {
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(_buffer.AsMemory(length), SocketFlags.None, cancellation);
            if (received == 0)
                return;
            length += received;
            if (!TryRead(_buffer.AsSpan(0, length), out var answer))
            {
                if (length == _buffer.Length)
                    Array.Resize(ref _buffer, length <= LongestAnswer / 2 ? 2 * length : throw TooLong());
                continue;
            }

            length = 0;
            sender.Answered(this, answer);
            if (answer.IsLast)
                return;
        }
    }

    /// <summary>Ends the connection as a fault of the other side would.</summary>
    private static SocketException TooLong() => new((int)SocketError.MessageSize);

    /// <summary>Whether the answer is complete, which it is as soon as its body is.</summary>
    private static bool TryRead(ReadOnlySpan<byte> bytes, out Answer answer)
    {
        answer = default;
        var headersEnd = bytes.IndexOf("\r\n\r\n"u8);
        if (headersEnd < 0)
            return false;
        var headers = bytes[..(headersEnd + 2)];
        _ = Utf8Parser.TryParse(headers["HTTP/1.1 ".Length..], out int status, out _);
        _ = Utf8Parser.TryParse(Value(headers, "\r\nContent-Length: "u8), out int bodyLength, out _);
        if (bytes.Length < headersEnd + 4 + bodyLength)
            return false;
        var code = status == 200 ? [] : Value(headers, "\r\nx-amzn-errortype: "u8);
        var error =
            status == 200 ? ""
            : code.IsEmpty ? $"HTTP {status}"
            : NameOf(code);
        answer = new Answer(status, error, Value(headers, "\r\nConnection: "u8).StartsWith("close"u8));
        return true;
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> name)
    {
        var start = headers.IndexOf(name);
        if (start < 0)
            return [];
        var value = headers[(start + name.Length)..];
        return value[..value.IndexOf("\r\n"u8)];
    }

    /// <summary>Without a new string for each of thousands of equal ones.</summary>
    private static string NameOf(ReadOnlySpan<byte> code) =>
        code.SequenceEqual("ThrottlingException"u8) ? Tally.Throttled : Encoding.ASCII.GetString(code);
}

/// <summary>What a sender does with a connection.</summary>
internal enum ConnectionUse
{
    /// <summary>It is not open.</summary>
    None,

    Idle,
    Busy,
}
