using System.Net;
using System.Net.Sockets;
using GlueOrleans.Tests.ChaosSuite.Cluster;
using Xunit;

namespace GlueOrleans.Tests.ChaosSuite;

/// <summary>A cut that lets something through would make every pass a good one.</summary>
public sealed class DatabaseProxyTests : IAsyncLifetime
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TcpListener _database = new(IPAddress.Loopback, 0);
    private readonly TcpClient _client = new();
    private DatabaseProxy _proxy = null!;
    private Socket _server = null!;

    public async ValueTask InitializeAsync()
    {
        _database.Start();
        _proxy = new DatabaseProxy(((IPEndPoint)_database.LocalEndpoint).Port);
        await _client.ConnectAsync(IPAddress.Loopback, _proxy.Port);
        _server = await _database.AcceptSocketAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _server.Dispose();
        await _proxy.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task What_is_sent_while_it_is_cut_arrives_when_it_is_mended()
    {
        _proxy.Cut();
        await _client.GetStream().WriteAsync(new byte[] { 1 });
        var arrival = _server.ReceiveAsync(new byte[1]);
        await Assert.ThrowsAsync<TimeoutException>(() => arrival.WaitAsync(Soon, TimeProvider.System));

        _proxy.Mend(drops: false);

        Assert.Equal(1, await arrival.WaitAsync(Patience, TimeProvider.System));
    }

    [Fact]
    public async Task Who_connects_while_it_is_cut_is_served_when_it_is_mended()
    {
        _proxy.Cut();
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _proxy.Port);
        var arrival = _database.AcceptSocketAsync();
        await Assert.ThrowsAsync<TimeoutException>(() => arrival.WaitAsync(Soon, TimeProvider.System));

        _proxy.Mend(drops: false);

        using var server = await arrival.WaitAsync(Patience, TimeProvider.System);
    }

    [Fact]
    public async Task Connections_of_before_can_be_dropped()
    {
        _proxy.Cut();
        var arrival = _server.ReceiveAsync(new byte[1]);
        _proxy.Mend(drops: true);
        // Nothing, or a reset: either way it is over.
        var received = await arrival
            .WaitAsync(Patience, TimeProvider.System)
            .ContinueWith(t => t.IsFaulted ? 0 : t.Result);
        Assert.Equal(0, received);
    }
}
