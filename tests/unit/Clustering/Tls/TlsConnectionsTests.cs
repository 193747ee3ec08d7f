using System.IO.Pipelines;
using System.Net;
using System.Text;
using GlueOrleans.Silo.Clustering.Tls;
using GlueOrleans.Tests.Support;
using GlueOrleans.Tests.Unit.Logging;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace GlueOrleans.Tests.Unit.Clustering.Tls;

/// <summary>The two ends of a connection in memory, each with what stands before it in a node. A gateway's connection to a silo
/// and a silo's are the same here.</summary>
public sealed class TlsConnectionsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly TestAuthority _authority = new();
    private readonly TlsFolder _ours = new();
    private readonly TlsFolder _theirs = new();
    private readonly CollectedLog _log = new();
    private readonly CollectedLog _theirLog = new();

    public void Dispose()
    {
        _authority.Dispose();
        _ours.Dispose();
        _theirs.Dispose();
    }

    [Fact]
    public async Task Nodes_of_one_authority_talk_and_nobody_else_understands()
    {
        using var wire = new Wire();
        var said = await Talk(wire, Tls(_ours.Node(_authority), _log), Tls(_theirs.Node(_authority), _theirLog));

        Assert.Equal("hello, silo; hello, node", said);
        Assert.DoesNotContain("hello", Encoding.Latin1.GetString(wire.Seen.ToArray()), StringComparison.Ordinal);
        Assert.Empty(_log.AtLeastWarnings);
        Assert.Empty(_theirLog.AtLeastWarnings);
    }

    [Fact]
    public async Task Much_is_said_in_both_directions()
    {
        using var wire = new Wire();
        var much = new string('x', 3_000_000);
        Assert.Equal(
            $"{much}; {much}",
            await Talk(wire, Tls(_ours.Node(_authority), _log), Tls(_theirs.Node(_authority), _theirLog), much, much)
        );
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused_by_both()
    {
        using var stranger = new TestAuthority("stranger");
        // It trusts ours, so that it is the one that is refused.
        var theirs = _theirs.Node(stranger);
        _theirs.Public("authority.pem", stranger.Certificate + _authority.Certificate);

        await Fails(Tls(theirs, _theirLog), Tls(_ours.Node(_authority), _log));
        Assert.Contains(
            "not signed by Cluster:Tls:Authority",
            Assert.Single(_log.AtLeastWarnings),
            StringComparison.Ordinal
        );
        Assert.Contains("its log says which", Assert.Single(_theirLog.AtLeastWarnings), StringComparison.Ordinal);

        _log.Clear();
        await Fails(Tls(_ours.Node(_authority), _log), Tls(theirs, _theirLog));
        Assert.Contains(
            "not signed by Cluster:Tls:Authority",
            Assert.Single(_log.AtLeastWarnings),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_certificate_of_the_authority_for_somebody_else_is_refused_by_both()
    {
        var theirs = _theirs.Node(_authority, "accounting");
        theirs.Name = "";
        await Fails(Tls(theirs, _theirLog), Tls(_ours.Node(_authority), _log));
        await Fails(Tls(_ours.Node(_authority), _log), Tls(theirs, _theirLog));
        Assert.Equal(2, _log.AtLeastWarnings.Count);
        Assert.All(
            _log.AtLeastWarnings,
            line => Assert.Contains("does not have the name glue-orleans", line, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Who_speaks_TLS_without_a_certificate_is_refused()
    {
        var server = Tls(_ours.Node(_authority), _log);
        using var wire = new Wire();
        var inbound = server.Inbound(wire.Silo, _ => throw new InvalidOperationException("It was let in."));
        using var tls = new System.Net.Security.SslStream(new TransportStream(wire.Node.Transport));
#pragma warning disable CA5359 // It is the silo that looks at certificates here.
        await tls.AuthenticateAsClientAsync(
            new System.Net.Security.SslClientAuthenticationOptions
            {
                TargetHost = "glue-orleans",
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
            }
        );
#pragma warning restore CA5359
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => inbound.WaitAsync(Patience));
        Assert.Contains("showed no certificate", Assert.Single(_log.AtLeastWarnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_without_TLS_and_one_with_it_do_not_talk_and_both_say_why()
    {
        // What Orleans says first is its length.
        var preamble = "\x20\0\0\0 {\"NetworkProtocolVersion\":1}";
        await Fails(Plain(_log), Tls(_theirs.Node(_authority), _theirLog), preamble);
        Assert.Contains("Cluster:Tls", Assert.Single(_log.AtLeastWarnings), StringComparison.Ordinal);
        Assert.Contains("does not speak TLS", Assert.Single(_theirLog.AtLeastWarnings), StringComparison.Ordinal);

        _log.Clear();
        _theirLog.Clear();
        await Fails(Tls(_theirs.Node(_authority), _theirLog), Plain(_log));
        Assert.Contains(
            "it speaks TLS, and this node does not",
            Assert.Single(_log.AtLeastWarnings),
            StringComparison.Ordinal
        );
        Assert.Contains("has no Cluster:Tls", Assert.Single(_theirLog.AtLeastWarnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_without_TLS_talk()
    {
        using var wire = new Wire();
        Assert.Equal("hello, silo; hello, node", await Talk(wire, Plain(_log), Plain(_theirLog)));
        Assert.Empty(_log.AtLeastWarnings);
    }

    [Fact]
    public async Task The_same_trouble_is_told_once()
    {
        using var stranger = new TestAuthority("stranger");
        var server = Tls(_ours.Node(_authority), _log);
        for (var attempt = 0; attempt < 3; attempt++)
            await Fails(Tls(_theirs.Node(stranger), _theirLog), server);
        Assert.Single(_log.AtLeastWarnings);
    }

    [Fact]
    public async Task A_certificate_that_was_renewed_on_disk_is_shown_in_the_next_connection()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var options = _ours.Node(_authority);
        var identity = new TlsIdentity(options, clock, _log.For<TlsIdentity>());
        var first = identity.Current().Certificate.TargetCertificate.SerialNumber;

        // Half of it: what is there does not fit.
        var renewed = _authority.Issue();
        _ours.Public("node.pem", renewed.Certificate);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(first, identity.Current().Certificate.TargetCertificate.SerialNumber);
        Assert.Contains("stays in use", Assert.Single(_log.AtLeastWarnings), StringComparison.Ordinal);

        _ours.Write(renewed);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.NotEqual(first, identity.Current().Certificate.TargetCertificate.SerialNumber);

        using var wire = new Wire();
        var said = await Talk(
            wire,
            new TlsConnections(identity, new ConnectionTrouble(clock, _log.For<ConnectionTrouble>())),
            Tls(_theirs.Node(_authority), _theirLog)
        );
        Assert.Equal("hello, silo; hello, node", said);
    }

    [Fact]
    public async Task A_certificate_that_ends_soon_is_told_of()
    {
        var options = _ours.Node(_authority);
        _ours.Write(_authority.Issue(days: 1));
        using var wire = new Wire();
        await Talk(wire, Tls(options, _log), Tls(_theirs.Node(_authority), _theirLog));
        Assert.Contains("renew it", Assert.Single(_log.AtLeastWarnings), StringComparison.Ordinal);
    }

    private static TlsConnections Tls(ClusterTlsOptions options, CollectedLog log) =>
        new(new TlsIdentity(options, TimeProvider.System, log.For<TlsIdentity>()), Trouble(log));

    private static PlainConnections Plain(CollectedLog log) => new(Trouble(log));

    private static ConnectionTrouble Trouble(CollectedLog log) =>
        new(TimeProvider.System, log.For<ConnectionTrouble>());

    /// <summary>Each says something, which the other hears.</summary>
    private static async Task<string> Talk(
        Wire wire,
        IConnectionGuard node,
        IConnectionGuard silo,
        string toSilo = "hello, silo",
        string toNode = "hello, node"
    )
    {
        string? heardBySilo = null;
        string? heardByNode = null;
        await Task.WhenAll(
                node.Outbound(
                    wire.Node,
                    async connection => heardByNode = await Exchange(connection, toSilo, toNode.Length)
                ),
                silo.Inbound(
                    wire.Silo,
                    async connection => heardBySilo = await Exchange(connection, toNode, toSilo.Length)
                )
            )
            .WaitAsync(Patience);
        return $"{heardBySilo}; {heardByNode}";
    }

    /// <summary>Neither gets to hear anything, and both ends end.</summary>
    private static async Task Fails(IConnectionGuard node, IConnectionGuard silo, string says = "hello, silo")
    {
        using var wire = new Wire();
        var heard = false;
        var inbound = End(
            wire.Silo,
            silo.Inbound(
                wire.Silo,
                async connection =>
                {
                    // It may be in good faith: a client looks at the certificate when the server is done.
                    await Exchange(connection, "hello, node", says.Length);
                    heard = true;
                }
            )
        );
        var outbound = End(
            wire.Node,
            node.Outbound(
                wire.Node,
                async connection =>
                {
                    await Exchange(connection, says, answerLength: 11);
                    heard = true;
                }
            )
        );
        await Assert.ThrowsAnyAsync<Exception>(() => inbound.WaitAsync(Patience));
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => outbound.WaitAsync(Patience));
        Assert.True(inbound.IsCompleted && outbound.IsCompleted, "An end of the connection has not ended.");
        Assert.False(heard);
    }

    /// <summary>As Orleans does when the delegate is done: what is left of the connection is closed.</summary>
    private static async Task End(ConnectionContext connection, Task guarded)
    {
        try
        {
            await guarded;
        }
        finally
        {
            await connection.Transport.Output.CompleteAsync();
            await connection.Transport.Input.CompleteAsync();
        }
    }

    private static async Task<string> Exchange(ConnectionContext connection, string said, int answerLength)
    {
        var saying = connection.Transport.Output.WriteAsync(Encoding.UTF8.GetBytes(said)).AsTask();
        var answer = await connection.Transport.Input.ReadAtLeastAsync(answerLength);
        await saying;
        var text = Encoding.UTF8.GetString(answer.Buffer);
        connection.Transport.Input.AdvanceTo(answer.Buffer.End);
        return text.Length >= answerLength ? text : throw new IOException("The other side has hung up.");
    }

    /// <summary>What is between the two, and what went over it to the silo.</summary>
    private sealed class Wire : IDisposable
    {
        private readonly Pipe _toSilo = new();
        private readonly Pipe _toNode = new();

        public Wire()
        {
            Node = new DefaultConnectionContext(
                "node",
                new Pair(_toNode.Reader, new Tap(_toSilo.Writer, Seen)),
                Nobody()
            )
            {
                RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 11111),
            };
            Silo = new DefaultConnectionContext("silo", new Pair(_toSilo.Reader, _toNode.Writer), Nobody())
            {
                RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 50000),
            };
        }

        public DefaultConnectionContext Node { get; }

        public DefaultConnectionContext Silo { get; }

        public MemoryStream Seen { get; } = new();

        public void Dispose() => Seen.Dispose();

        private static Pair Nobody() => new(new Pipe().Reader, new Pipe().Writer);
    }

    private sealed record Pair(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class Tap(PipeWriter writer, MemoryStream seen) : PipeWriter
    {
        private Memory<byte> _given;

        public override void Advance(int bytes)
        {
            seen.Write(_given.Span[..bytes]);
            writer.Advance(bytes);
            _given = default;
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => _given = writer.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override void CancelPendingFlush() => writer.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => writer.Complete(exception);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            writer.FlushAsync(cancellationToken);
    }
}
