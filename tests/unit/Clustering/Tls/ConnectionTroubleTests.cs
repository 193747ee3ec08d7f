using System.Net;
using GlueOrleans.Silo.Clustering.Tls;
using GlueOrleans.Tests.Unit.Logging;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace GlueOrleans.Tests.Unit.Clustering.Tls;

public sealed class ConnectionTroubleTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly CollectedLog _log = new();
    private readonly ConnectionTrouble _trouble;

    public ConnectionTroubleTests() => _trouble = new ConnectionTrouble(_clock, _log.For<ConnectionTrouble>());

    [Fact]
    public void An_address_is_told_of_once_in_a_while_whatever_certificates_it_shows()
    {
        for (var i = 0; i < 10; i++)
            Refuse("192.0.2.1", $"CN=stranger {i}");
        Assert.Single(_log.AtLeastWarnings);
        Refuse("192.0.2.2", "CN=other");
        Assert.Equal(2, _log.AtLeastWarnings.Count);
        _clock.Advance(TimeSpan.FromSeconds(30));
        Refuse("192.0.2.1", "CN=stranger");
        Assert.Equal(3, _log.AtLeastWarnings.Count);
    }

    [Fact]
    public void Many_addresses_write_no_more_than_a_hundred_lines_at_a_time()
    {
        for (var i = 0; i < 500; i++)
            Refuse($"127.0.{i / 250}.{i % 250}", "CN=stranger");
        Assert.Equal(100, _log.AtLeastWarnings.Count);
        _clock.Advance(TimeSpan.FromSeconds(30));
        Refuse("192.0.2.1", "CN=stranger");
        Assert.Equal(101, _log.AtLeastWarnings.Count);
    }

    private void Refuse(string address, string why)
    {
        var connection = new DefaultConnectionContext { RemoteEndPoint = new IPEndPoint(IPAddress.Parse(address), 1) };
        _trouble.Refused(connection, why);
    }
}
