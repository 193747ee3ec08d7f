namespace GlueOrleans.Silo.Clustering.Tls;

/// <summary>What this node shows and accepts in new connections: the files as they are now, so that certificates are renewed by
/// replacing them.</summary>
/// <remarks>Files that cannot be used, as between the replacement of a certificate and that of its key, change nothing.</remarks>
internal sealed partial class TlsIdentity(ClusterTlsOptions options, TimeProvider clock, ILogger<TlsIdentity> log)
{
    /// <summary>Between two looks at the files. Connections are few; those of somebody who means ill need not be.</summary>
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);

    /// <summary>It is said this long before the certificate's end that it has not been renewed.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromDays(2);

    private readonly Lock _gate = new();
    private TlsFiles? _files;
    private TlsMaterial? _material;
    private string? _problem;
    private long _lookedAt;

    public ClusterTlsOptions Options => options;

    /// <exception cref="SecretFileException">The files have never been usable.</exception>
    public TlsMaterial Current()
    {
        lock (_gate)
        {
            if (_material is null || clock.GetElapsedTime(_lookedAt) >= LookPeriod)
            {
                Look(clock.GetUtcNow());
                _lookedAt = clock.GetTimestamp();
            }

            return _material!;
        }
    }

    private void Look(DateTimeOffset now)
    {
        try
        {
            var files = TlsFiles.Read(options);
            if (_files is { } known && known.IsSameAs(files))
                return;
            var material = TlsMaterial.Load(files, options, now);
            (_files, _material, _problem) = (files, material, null);
            if (material.Ends - now < Notice)
                LogEndsSoon(material.Certificate.TargetCertificate.Subject, material.Ends);
            else
                LogLoaded(material.Certificate.TargetCertificate.Subject, material.Ends);
        }
        catch (SecretFileException e) when (_material is not null)
        {
            // Once, and not with every connection.
            if (_problem != e.Message)
                LogKept(e.Message);
            _problem = e.Message;
        }
    }

    [LoggerMessage(64, LogLevel.Information, "Connections to other nodes use TLS: {Subject}, good until {Ends:u}.")]
    private partial void LogLoaded(string subject, DateTimeOffset ends);

    [LoggerMessage(65, LogLevel.Warning, "The certificate {Subject} for other nodes ends on {Ends:u}: renew it.")]
    private partial void LogEndsSoon(string subject, DateTimeOffset ends);

    [LoggerMessage(66, LogLevel.Warning, "What was read before stays in use for connections to other nodes: {Problem}")]
    private partial void LogKept(string problem);
}
