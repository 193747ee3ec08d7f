namespace GlueOrleans.Silo.Clustering.Tls;

/// <summary>
/// How the nodes of a cluster prove to each other who they are, and keep what they say from others. Configuration section
/// <c>Cluster:Tls</c>, the same for all nodes of a cluster: one that has it and one that has not do not talk.
/// </summary>
/// <remarks>
/// Both sides of a connection show a certificate that <see cref="Authority"/> has signed, or are refused. TLS 1.2 or 1.3.
/// Revocation is not asked for: give certificates a short life instead. All files are looked at again for new connections, so
/// that certificates can be renewed, and the authority changed, without a restart.
/// </remarks>
internal sealed class ClusterTlsOptions
{
    public const string DefaultName = "glue-orleans";

    /// <summary>This node's certificate: a PEM file, with those between it and the authority after it; or a PKCS#12 file, with
    /// its key in it. Default <c>null</c>: no TLS.</summary>
    /// <remarks>For servers and for clients, if it says what it is for at all: a node is both.</remarks>
    public string? Certificate { get; set; }

    /// <summary>The certificate's key: a PEM file, readable by nobody but its owner and group. Default <c>null</c>: it is in
    /// <see cref="Certificate"/>.</summary>
    public string? Key { get; set; }

    /// <summary>A file with the password of the key, or of the PKCS#12 file. Default <c>null</c>: it has none.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>A PEM file with the certificate of the authority that signs those of the nodes. Several, one after the other,
    /// while it is being replaced. No others are trusted, the machine's included.</summary>
    public string? Authority { get; set; }

    /// <summary>The DNS name that every node's certificate has among its alternative names. Default <c>glue-orleans</c>; empty:
    /// any certificate of the authority will do.</summary>
    /// <remarks>Not a host's name: it says that the certificate's owner is a node of this cluster, which an authority that signs
    /// others too does not.</remarks>
    public string? Name { get; set; } = DefaultName;

    public bool IsOn => Certificate is not null;

    private bool IsGiven => (Certificate ?? Key ?? PasswordFile ?? Authority) is not null || Name != DefaultName;

    /// <summary>What is wrong, each in a sentence with the remedy. Reads the files.</summary>
    /// <param name="isAlone">The node is in no cluster.</param>
    public IEnumerable<string> Faults(bool isAlone)
    {
        if (!IsGiven)
            return [];
        if (isAlone)
        {
            return
            [
                "Cluster:Tls is set, but Cluster:Database is not set, so this node is alone and talks to no other: set "
                    + "Cluster:Database, or leave Cluster:Tls out.",
            ];
        }

        if (string.IsNullOrWhiteSpace(Certificate) || string.IsNullOrWhiteSpace(Authority))
        {
            var missing = string.IsNullOrWhiteSpace(Certificate) ? nameof(Certificate) : nameof(Authority);
            return
            [
                $"Cluster:Tls is set, but Cluster:Tls:{missing} is not: name the PEM files of the node's certificate "
                    + "(Certificate), its key (Key), and of the authority that signs the cluster's (Authority).",
            ];
        }

        if (!string.IsNullOrEmpty(Name) && Uri.CheckHostName(Name) != UriHostNameType.Dns)
            return
            [
                $"Cluster:Tls:Name is '{Name}': give a DNS name that every node's certificate has, such as {DefaultName}.",
            ];
        try
        {
            TlsMaterial.Load(TlsFiles.Read(this), this, TimeProvider.System.GetUtcNow());
            return [];
        }
        catch (SecretFileException e)
        {
            return [e.Message];
        }
    }
}
