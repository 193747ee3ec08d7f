using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;

namespace GlueOrleans.Silo.Clustering.Tls;

/// <summary>TLS around a node's connections to others, in both directions, with a certificate on both sides.</summary>
/// <remarks>
/// It stands where Orleans lets others stand, between its sockets and its messages. A connection that fails here is one
/// that never was; Orleans tries again. What it then logs is about messages, so the reason is logged here.
/// </remarks>
internal sealed class TlsConnections(TlsIdentity identity, ConnectionTrouble trouble) : IConnectionGuard
{
    /// <summary>For a handshake.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly Oid ForServers = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ForClients = new("1.3.6.1.5.5.7.3.2");

    public async Task Inbound(ConnectionContext connection, ConnectionDelegate next)
    {
        using var patience = PatienceWith(connection);
        await using var stream = new TransportStream(connection.Transport);
        await using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
        string? refusal = null;
        try
        {
            var material = identity.Current();
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = material.Certificate,
                    ClientCertificateRequired = true,
                    EnabledSslProtocols = Protocols,
                    AllowRenegotiation = false,
                    AllowTlsResume = false,
                    CertificateChainPolicy = For(ForClients, material),
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                        (refusal = Refusal(certificate, chain, errors)) is null,
                },
                patience.Token
            );
        }
        catch (Exception e) when (IsOfHandshake(e))
        {
            throw trouble.Refused(connection, refusal is null ? ExplainInbound(e) : $"it {refusal}", e);
        }

        await Continue(connection, tls, next);
    }

    public async Task Outbound(ConnectionContext connection, ConnectionDelegate next)
    {
        using var patience = PatienceWith(connection);
        await using var stream = new TransportStream(connection.Transport);
        await using var tls = new SslStream(stream, leaveInnerStreamOpen: true);
        string? refusal = null;
        try
        {
            var material = identity.Current();
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = string.IsNullOrEmpty(identity.Options.Name)
                        ? ClusterTlsOptions.DefaultName
                        : identity.Options.Name,
                    ClientCertificateContext = material.Certificate,
                    EnabledSslProtocols = Protocols,
                    AllowRenegotiation = false,
                    AllowTlsResume = false,
                    CertificateChainPolicy = For(ForServers, material),
                    RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                        (refusal = Refusal(certificate, chain, errors)) is null,
                },
                patience.Token
            );
        }
        catch (Exception e) when (IsOfHandshake(e))
        {
            throw trouble.NotMade(connection, refusal is null ? ExplainOutbound(e) : $"it {refusal}", e);
        }

        try
        {
            await Continue(connection, tls, next);
        }
        // With TLS 1.3 this side is done before the other one has looked at the certificate: its refusal is the first that
        // is read. What fails later than the nodes' introduction to each other does not get here.
        catch (Exception e)
            when (e is IOException or InvalidOperationException && !connection.ConnectionClosed.IsCancellationRequested)
        {
            throw trouble.NotMade(connection, ExplainOutbound(e), e);
        }
    }

    private static CancellationTokenSource PatienceWith(ConnectionContext connection)
    {
        var patience = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        patience.CancelAfter(Patience);
        return patience;
    }

    private static async Task Continue(ConnectionContext connection, SslStream tls, ConnectionDelegate next)
    {
        var plain = connection.Transport;
        connection.Transport = new TlsTransport(tls);
        try
        {
            await next(connection);
        }
        finally
        {
            // Orleans closes what it opened.
            connection.Transport = plain;
        }
    }

    /// <summary>The oldest that is not broken, and what has come since.</summary>
    private static SslProtocols Protocols => SslProtocols.Tls12 | SslProtocols.Tls13;

    private string? Refusal(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        TlsMaterial.Refusal(certificate as X509Certificate2, chain, errors, identity.Options);

    private static X509ChainPolicy For(Oid use, TlsMaterial material)
    {
        var policy = material.Policy.Clone();
        policy.ApplicationPolicy.Add(use);
        return policy;
    }

    private static bool IsOfHandshake(Exception e) =>
        e is AuthenticationException or IOException or OperationCanceledException or CryptographicException;

    private static string ExplainInbound(Exception e) =>
        e switch
        {
            OperationCanceledException => "it did not finish the TLS handshake",
            IOException =>
                "it hung up during the TLS handshake, as a node does that does not accept this one's certificate: "
                    + "its log says why",
            _ when IsNoTls(e) => "it does not speak TLS: set Cluster:Tls there too, or on no node of the cluster",
            _ => $"the TLS handshake failed: {Innermost(e)}",
        };

    private static string ExplainOutbound(Exception e) =>
        IsNoTls(e) ? "it does not speak TLS: set Cluster:Tls there too, or on no node of the cluster"
        : e is IOException or OperationCanceledException
            ? $"it hung up during the TLS handshake ({Innermost(e)}): it does not accept this node's certificate, or has no "
                + "Cluster:Tls; its log says which"
        : $"the TLS handshake failed: {Innermost(e)}";

    /// <summary>What arrived has not the form of TLS. .NET says so in words only.</summary>
    private static bool IsNoTls(Exception e) =>
        e is AuthenticationException
        && e.GetBaseException().Message.Contains("frame", StringComparison.OrdinalIgnoreCase);

    private static string Innermost(Exception e) => e.GetBaseException().Message.TrimEnd('.');
}
