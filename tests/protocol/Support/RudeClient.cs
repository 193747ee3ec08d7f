using System.Net.Sockets;
using System.Text;

namespace GlueOrleans.Tests.Protocol.Support;

/// <summary>A connection to the node that does as no client should.</summary>
internal sealed class RudeClient : IDisposable
{
    private readonly TcpClient _tcp = new() { NoDelay = true };

    /// <summary>Kept from the beginning: a client that has been cut off, or sends no more, gives none any more.</summary>
    private NetworkStream? _stream;

    private RudeClient() { }

    private NetworkStream Stream => _stream ?? throw new InvalidOperationException("It is not connected.");

    public static async Task<RudeClient> Connect(ServerProcess server)
    {
        var client = new RudeClient();
        try
        {
            await client._tcp.ConnectAsync(server.Url.Host, server.Url.Port);
            client._stream = client._tcp.GetStream();
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    public static async Task<IReadOnlyList<RudeClient>> Connect(ServerProcess server, int count)
    {
        var clients = new List<RudeClient>(count);
        for (var i = 0; i < count; i++)
            clients.Add(await Connect(server));
        return clients;
    }

    /// <summary>The beginning of a StartJobRun, up to where its body begins.</summary>
    public static string Head(string lengthHeader) =>
        $"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSGlue.StartJobRun\r\n{lengthHeader}\r\n\r\n";

    public Task Send(string text) => Send(Encoding.Latin1.GetBytes(text));

    public Task Send(ReadOnlyMemory<byte> bytes) => Stream.WriteAsync(bytes).AsTask();

    /// <summary>False: the node takes nothing more from this connection.</summary>
    public async Task<bool> TrySend(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            await Send(bytes);
            return true;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Says that nothing more will come, and goes on listening.</summary>
    public void SendNoMore() => _tcp.Client.Shutdown(SocketShutdown.Send);

    /// <summary>All that the node says until it ends the connection, which it must.</summary>
    public async Task<string> HearsUntilTheEnd()
    {
        using var limit = new CancellationTokenSource(Poll.Patience);
        var heard = new MemoryStream();
        try
        {
            await Stream.CopyToAsync(heard, limit.Token);
        }
        catch (IOException)
        {
            // A reset is an end, too.
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The node has not ended a connection after {Poll.Patience}.");
        }

        return Encoding.Latin1.GetString(heard.ToArray());
    }

    /// <summary>Is gone without a word, as when its machine loses power and the network tells.</summary>
    public void Vanish()
    {
        _tcp.Client.LingerState = new LingerOption(enable: true, seconds: 0);
        _tcp.Dispose();
    }

    public void Dispose() => _tcp.Dispose();
}
