using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace GlueOrleans.Silo.Clustering.Tls;

/// <summary>The files that <see cref="ClusterTlsOptions"/> names, as they were at one time.</summary>
internal sealed record TlsFiles(byte[] Certificate, byte[]? Key, string? Password, byte[] Authority)
{
    /// <exception cref="SecretFileException">One of them cannot be used.</exception>
    public static TlsFiles Read(ClusterTlsOptions options)
    {
        const string Section = "Cluster:Tls:";
        return new TlsFiles(
            SecretFile.Read(Section + nameof(options.Certificate), options.Certificate!, isSecret: options.Key is null),
            options.Key is { } key ? SecretFile.Read(Section + nameof(options.Key), key) : null,
            options.PasswordFile is { } password
                ? Encoding
                    .UTF8.GetString(SecretFile.Read(Section + nameof(options.PasswordFile), password))
                    .TrimEnd('\r', '\n')
                : null,
            SecretFile.Read(Section + nameof(options.Authority), options.Authority!, isSecret: false)
        );
    }

    public bool IsSameAs(TlsFiles other) =>
        Certificate.AsSpan().SequenceEqual(other.Certificate)
        && Key.AsSpan().SequenceEqual(other.Key)
        && Password == other.Password
        && Authority.AsSpan().SequenceEqual(other.Authority);
}

/// <summary>A node's certificate with its key, and whose certificates it accepts.</summary>
/// <param name="Certificate">With those between it and the authority.</param>
/// <param name="Policy">For both sides, but what the certificate is for: that depends on the side.</param>
internal sealed record TlsMaterial(SslStreamCertificateContext Certificate, X509ChainPolicy Policy)
{
    private const string ForServers = "1.3.6.1.5.5.7.3.1";
    private const string ForClients = "1.3.6.1.5.5.7.3.2";

    /// <summary>When this node's certificate ends.</summary>
    public DateTimeOffset Ends => Certificate.TargetCertificate.NotAfter;

    /// <exception cref="SecretFileException">What is in a file cannot be used, or other nodes would refuse it.</exception>
    public static TlsMaterial Load(TlsFiles files, ClusterTlsOptions options, DateTimeOffset now)
    {
        var policy = Trusting(files, options);
        var (own, between) = IsPem(files.Certificate) ? FromPem(files, options) : FromPkcs12(files, options);
        policy.ExtraStore.AddRange(between);
        if (Refusal(own, options, policy, now) is { } refusal)
            throw new SecretFileException($"Cluster:Tls:Certificate: {options.Certificate} {refusal}");
        return new TlsMaterial(SslStreamCertificateContext.Create(own, between, offline: true), policy);
    }

    /// <summary>Why a peer may not have this certificate, to be said after what it is called; <c>null</c>: it may.</summary>
    /// <param name="certificate">Of the peer.</param>
    /// <param name="chain">As the handshake has built it, by <see cref="Policy"/>.</param>
    /// <param name="errors">What the handshake found.</param>
    /// <param name="options">For the name.</param>
    public static string? Refusal(
        X509Certificate2? certificate,
        X509Chain? chain,
        SslPolicyErrors errors,
        ClusterTlsOptions options
    ) =>
        certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) ? "showed no certificate"
        : errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors)
            ? $"showed the certificate {certificate.Subject}, which {Explain(chain, certificate)}"
        : NameProblem(certificate, options) is { } problem
            ? $"showed the certificate {certificate.Subject}, which {problem}"
        : null;

    /// <summary>What others would find wrong with it, found before they do.</summary>
    private static string? Refusal(
        X509Certificate2 own,
        ClusterTlsOptions options,
        X509ChainPolicy policy,
        DateTimeOffset now
    )
    {
        if (own.NotAfter < now)
            return $"ended on {Instant(own.NotAfter)}: renew it.";
        if (own.NotBefore > now)
            return $"begins only on {Instant(own.NotBefore)}: look at this machine's clock, or name another.";
        var uses = own.Extensions.OfType<X509EnhancedKeyUsageExtension>().FirstOrDefault()?.EnhancedKeyUsages;
        foreach (var (use, name) in new[] { (ForServers, "server auth"), (ForClients, "client auth") })
        {
            if (uses is not null && !uses.Cast<Oid>().Any(one => one.Value == use))
                return $"is not made for '{name}', and a node needs it for both server auth and client auth: have it made so.";
        }

        if (NameProblem(own, options) is { } problem)
            return $"{problem}: have it made with that name, or set Cluster:Tls:Name to one that all nodes' have.";
        using var chain = new X509Chain { ChainPolicy = policy.Clone() };
        return chain.Build(own)
            ? null
            : $"{Explain(chain, own)}: name the file of the authority that has signed it, with those between in the "
                + "certificate's file.";
    }

    private static string Explain(X509Chain? chain, X509Certificate2 certificate)
    {
        var status = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        return status.HasFlag(X509ChainStatusFlags.NotTimeValid)
                ? $"is good from {Instant(certificate.NotBefore)} to {Instant(certificate.NotAfter)}, if those that signed it are"
            : status.HasFlag(X509ChainStatusFlags.NotValidForUsage) ? "is not made for both server auth and client auth"
            : (status & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot)) != 0
                ? "is not signed by Cluster:Tls:Authority"
            : $"is not good ({status})";
    }

    private static string? NameProblem(X509Certificate2 certificate, ClusterTlsOptions options) =>
        string.IsNullOrEmpty(options.Name)
        || certificate.MatchesHostname(options.Name, allowWildcards: false, allowCommonName: false)
            ? null
            : $"does not have the name {options.Name} among its DNS names";

    private static string Instant(DateTime local) => $"{local.ToUniversalTime():yyyy-MM-dd HH:mm:ss} UTC";

    private static X509ChainPolicy Trusting(TlsFiles files, ClusterTlsOptions options)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        try
        {
            policy.CustomTrustStore.ImportFromPem(Encoding.UTF8.GetString(files.Authority));
        }
        catch (CryptographicException e)
        {
            throw Unreadable(nameof(options.Authority), options.Authority!, e);
        }

        return policy.CustomTrustStore.Count > 0
            ? policy
            : throw new SecretFileException(
                $"Cluster:Tls:Authority: {options.Authority} has no certificate in it: give a PEM file (-----BEGIN CERTIFICATE-----)."
            );
    }

    private static (X509Certificate2 Own, X509Certificate2Collection Between) FromPem(
        TlsFiles files,
        ClusterTlsOptions options
    )
    {
        var certificate = Encoding.UTF8.GetString(files.Certificate);
        var key = Encoding.UTF8.GetString(files.Key ?? files.Certificate);
        if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            throw new SecretFileException(
                options.Key is null
                    ? $"Cluster:Tls:Certificate: {options.Certificate} has no key in it: name the key's file in Cluster:Tls:Key."
                    : $"Cluster:Tls:Key: {options.Key} has no key in it: give a PEM file (-----BEGIN PRIVATE KEY-----)."
            );
        }

        try
        {
            X509Certificate2Collection all = [];
            all.ImportFromPem(certificate);
            var own = files.Password is null
                ? X509Certificate2.CreateFromPem(certificate, key)
                : X509Certificate2.CreateFromEncryptedPem(certificate, key, files.Password);
            return (own, new X509Certificate2Collection(all.Skip(1).ToArray()));
        }
        // Not only of the files: ArgumentException is what says that the two do not fit.
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw Unreadable(nameof(options.Certificate), $"{options.Certificate} with {options.Key ?? "its key"}", e);
        }
    }

    private static (X509Certificate2 Own, X509Certificate2Collection Between) FromPkcs12(
        TlsFiles files,
        ClusterTlsOptions options
    )
    {
        if (files.Key is not null)
        {
            throw new SecretFileException(
                $"Cluster:Tls:Certificate: {options.Certificate} is no PEM file, and Cluster:Tls:Key is set: give a PEM file "
                    + "(-----BEGIN CERTIFICATE-----); or PKCS#12, which has the key in it, and no Key."
            );
        }

        try
        {
            var all = X509CertificateLoader.LoadPkcs12Collection(files.Certificate, files.Password);
            var own = all.FirstOrDefault(one => one.HasPrivateKey);
            return own is not null
                ? (own, new X509Certificate2Collection(all.Where(one => one != own).ToArray()))
                : throw new SecretFileException(
                    $"Cluster:Tls:Certificate: {options.Certificate} has no certificate with a key in it: export it with its key."
                );
        }
        catch (CryptographicException e)
        {
            throw Unreadable(nameof(options.Certificate), options.Certificate!, e);
        }
    }

    private static SecretFileException Unreadable(string key, string what, Exception e) =>
        new(
            $"Cluster:Tls:{key}: {what} cannot be used: {e.Message.TrimEnd('.')}. The key must be the certificate's, and "
                + "Cluster:Tls:PasswordFile must have the password if it is encrypted.",
            e
        );

    private static bool IsPem(ReadOnlySpan<byte> file) => file.IndexOf("-----BEGIN "u8) >= 0;
}
