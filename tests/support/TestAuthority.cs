using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GlueOrleans.Tests.Support;

/// <summary>An authority that exists for a test, and signs whatever it is asked to.</summary>
public sealed class TestAuthority : IDisposable
{
    public const string ForServers = "1.3.6.1.5.5.7.3.1";
    public const string ForClients = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 _own;

    public TestAuthority(string name = "authority")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true)
        );
        var now = TimeProvider.System.GetUtcNow();
        _own = request.CreateSelfSigned(now.AddYears(-2), now.AddYears(2));
    }

    /// <summary>PEM.</summary>
    public string Certificate => _own.ExportCertificatePem() + "\n";

    /// <param name="name">A DNS name, or an IP address; <c>null</c>: none.</param>
    /// <param name="days">How long it is good: from yesterday, or, if negative, until so many days ago.</param>
    /// <param name="uses">What it is for; <c>null</c>: it does not say.</param>
    public (string Certificate, string Key) Issue(
        string? name = "glue-orleans",
        int days = 30,
        IReadOnlyList<string>? uses = null
    )
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=node", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        if (name is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            if (IPAddress.TryParse(name, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
        }

        if (uses is not null)
        {
            request.CertificateExtensions.Add(
                new X509EnhancedKeyUsageExtension([.. uses.Select(use => new Oid(use))], critical: false)
            );
        }

        var now = TimeProvider.System.GetUtcNow();
        var (from, to) = days > 0 ? (now.AddDays(-1), now.AddDays(days)) : (now.AddDays(days - 30), now.AddDays(days));
        using var signed = request.Create(_own, from, to, RandomNumberGenerator.GetBytes(8));
        return (signed.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    public void Dispose() => _own.Dispose();
}
