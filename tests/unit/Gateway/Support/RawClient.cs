using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace GlueOrleans.Tests.Unit.Gateway.Support;

/// <summary>A connection on which a test says what it likes, and when.</summary>
internal sealed class RawClient : IDisposable
{
    private const string Length = "Content-Length: ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TcpClient _tcp;
    private readonly NetworkStream _stream;

    public RawClient(Uri address)
    {
        _tcp = new TcpClient(address.Host, address.Port);
        _stream = _tcp.GetStream();
    }

    /// <summary>The beginning of a request, which promises a body of so many bytes.</summary>
    public static string Head(string target, int bodyBytes) =>
        $"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: {target}\r\nContent-Length: {bodyBytes}\r\n\r\n";

    public static string Post(string target, string body) => Head(target, body.Length) + body;

    public Task Send(string text) => _stream.WriteAsync(Encoding.ASCII.GetBytes(text)).AsTask();

    /// <summary>The next answer, headers and body.</summary>
    public async Task<string> Answer()
    {
        using var limit = new CancellationTokenSource(Patience);
        var text = new StringBuilder();
        var one = new byte[1];
        while (!IsComplete(text.ToString()))
        {
            if (await _stream.ReadAsync(one, limit.Token) == 0)
                throw new IOException($"The connection has ended, after: {text}");
            text.Append((char)one[0]);
        }

        return text.ToString();
    }

    public void Dispose() => _tcp.Dispose();

    private static bool IsComplete(string text)
    {
        var headers = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (headers < 0)
            return false;
        var length = text.IndexOf(Length, StringComparison.Ordinal);
        var end = text.IndexOf("\r\n", length, StringComparison.Ordinal);
        return text.Length
            >= headers + 4 + int.Parse(text[(length + Length.Length)..end], CultureInfo.InvariantCulture);
    }
}
