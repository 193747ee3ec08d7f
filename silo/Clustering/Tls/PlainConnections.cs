using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace GlueOrleans.Silo.Clustering.Tls;

/// <summary>What stands around the connections of a node without TLS: it finds out when the other side has it, and says so.
/// Without it, both sides would only find each other's words meaningless.</summary>
internal sealed class PlainConnections(ConnectionTrouble trouble) : IConnectionGuard
{
    private const string Remedy = "set Cluster:Tls on this node as there, or on no node of the cluster";

    public async Task Inbound(ConnectionContext connection, ConnectionDelegate next)
    {
        var input = connection.Transport.Input;
        var begun = await input.ReadAsync(connection.ConnectionClosed);
        var isTls = BeginsHandshake(begun.Buffer);
        // Looked at, and not taken: it is read again.
        input.AdvanceTo(begun.Buffer.Start);
        if (isTls)
            throw trouble.Refused(connection, $"it speaks TLS, and this node does not: {Remedy}");
        await next(connection);
    }

    public async Task Outbound(ConnectionContext connection, ConnectionDelegate next)
    {
        try
        {
            await next(connection);
        }
        // What fails later than the nodes' introduction to each other does not get here.
        catch (Exception e)
            when (e is IOException or InvalidOperationException && !connection.ConnectionClosed.IsCancellationRequested)
        {
            throw trouble.NotMade(
                connection,
                $"it hung up on, or answered with something else than a node ({e.GetBaseException().Message.TrimEnd('.')}). If it has Cluster:Tls, {Remedy}",
                e
            );
        }
    }

    /// <summary>A TLS record of a handshake: type 22, version 3.x. In a node's introduction it would be a length of 790, of
    /// which the third byte is 0.</summary>
    private static bool BeginsHandshake(in ReadOnlySequence<byte> begun)
    {
        Span<byte> first = stackalloc byte[3];
        if (begun.Length < first.Length)
            return false;
        begun.Slice(0, first.Length).CopyTo(first);
        return first[0] == 22 && first[1] == 3 && first[2] is > 0 and <= 4;
    }
}
