using System.Net;
using System.Net.Sockets;

namespace GlueOrleans.Tests.ChaosSuite.Cluster;

/// <summary>
/// The network between one node and the database. Cut, it is as a cable that was pulled: nothing is refused and nothing
/// arrives. What was under way when it was cut arrives when it is mended, unless its connection is dropped then.
/// </summary>
internal sealed class DatabaseProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly HashSet<Socket> _sockets = [];
    private readonly Lock _lock = new();
    private readonly int _database;
    private readonly Task _accepting;
    private TaskCompletionSource _open = Opened();

    /// <param name="database">The database's port.</param>
    public DatabaseProxy(int database)
    {
        _database = database;
        _listener.Start();
        _accepting = Accept();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public bool IsCut => !_open.Task.IsCompleted;

    public void Cut() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="drops">The connections of before do not survive it.</param>
    public void Mend(bool drops)
    {
        if (drops)
            DropAll();
        _open.TrySetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Stop();
        DropAll();
        _open.TrySetResult();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _closing.Dispose();
    }

    private async Task Accept()
    {
        while (!_closing.IsCancellationRequested)
        {
            var client = await _listener.AcceptSocketAsync(_closing.Token);
            _ = Serve(client);
        }
    }

    private async Task Serve(Socket client)
    {
        using var database = new Socket(SocketType.Stream, ProtocolType.Tcp);
        lock (_lock)
            _sockets.UnionWith([client, database]);
        try
        {
            await _open.Task.WaitAsync(_closing.Token);
            client.NoDelay = database.NoDelay = true;
            await database.ConnectAsync(IPAddress.Loopback, _database, _closing.Token);
            // When either side ends, so does the other.
            await await Task.WhenAny(Pump(client, database), Pump(database, client));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The connection is gone, which is all there is to it.
        }
        finally
        {
            lock (_lock)
                _sockets.ExceptWith([client, database]);
            client.Dispose();
        }
    }

    private async Task Pump(Socket from, Socket to)
    {
        var buffer = new byte[16 << 10];
        int read;
        while ((read = await from.ReceiveAsync(buffer, _closing.Token)) > 0)
        {
            await _open.Task.WaitAsync(_closing.Token);
            for (var sent = 0; sent < read; )
                sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _closing.Token);
        }
    }

    private void DropAll()
    {
        List<Socket> sockets;
        lock (_lock)
            sockets = [.. _sockets];
        foreach (var socket in sockets)
            socket.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }
}
