using System.Security.Cryptography.X509Certificates;
using GlueOrleans.Silo.Clustering;
using GlueOrleans.Silo.Clustering.Tls;
using GlueOrleans.Tests.Support;
using Xunit;

namespace GlueOrleans.Tests.Unit.Clustering.Tls;

public sealed class ClusterTlsOptionsTests : IDisposable
{
    private readonly TlsFolder _folder = new();
    private readonly TestAuthority _authority = new();

    public void Dispose()
    {
        _folder.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public void None_is_the_default_and_needs_nothing()
    {
        Assert.Empty(new ClusterTlsOptions().Faults(isAlone: true));
        Assert.Empty(new ClusterTlsOptions().Faults(isAlone: false));
        Assert.False(new ClusterTlsOptions().IsOn);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(TestAuthority.ForServers, TestAuthority.ForClients)]
    public void A_certificate_of_the_authority_for_both_sides_is_good(params string[]? uses)
    {
        var options = _folder.Node(_authority);
        _folder.Write(_authority.Issue(uses: uses));
        Assert.Empty(options.Faults(isAlone: false));
    }

    [Fact]
    public void The_key_may_be_in_the_certificates_file_then_that_is_the_secret_one()
    {
        var (certificate, key) = _authority.Issue();
        var options = _folder.Node(_authority);
        options.Key = null;
        options.Certificate = _folder.Secret("both.pem", certificate + key);
        Assert.Empty(options.Faults(isAlone: false));

        File.SetUnixFileMode(options.Certificate, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Names(options, "Cluster:Tls:Certificate", $"chmod 600 {options.Certificate}");
    }

    [Fact]
    public void The_key_may_have_a_password_and_the_file_may_be_PKCS12()
    {
        var (certificate, key) = _authority.Issue();
        using var both = X509Certificate2.CreateFromPem(certificate, key);
        var options = _folder.Node(_authority);
        options.Key = null;
        options.Certificate = _folder["node.p12"];
        File.WriteAllBytes(options.Certificate, both.Export(X509ContentType.Pkcs12, "horse"));
        File.SetUnixFileMode(options.Certificate, UnixFileMode.UserRead);
        Names(options, "node.p12", "Cluster:Tls:PasswordFile");

        options.PasswordFile = _folder.Secret("password", "horse\n");
        Assert.Empty(options.Faults(isAlone: false));
        _folder.Secret("password", "battery");
        Assert.DoesNotContain("battery", Names(options, "node.p12"), StringComparison.Ordinal);

        using var secret = both.GetECDsaPrivateKey()!;
        options.Certificate = _folder["node.pem"];
        _folder.Write((certificate, secret.ExportEncryptedPkcs8PrivateKeyPem("battery", Encryption)));
        options.Key = _folder["node.key"];
        Assert.Empty(options.Faults(isAlone: false));
        options.PasswordFile = null;
        Names(options, "node.key", "Cluster:Tls:PasswordFile");
    }

    [Fact]
    public void The_group_may_read_a_key_and_nobody_else_may()
    {
        var options = _folder.Node(_authority);
        File.SetUnixFileMode(options.Key!, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        Assert.Empty(options.Faults(isAlone: false));
        foreach (var more in new[] { UnixFileMode.OtherRead, UnixFileMode.OtherWrite, UnixFileMode.GroupWrite })
        {
            File.SetUnixFileMode(options.Key!, UnixFileMode.UserRead | more);
            Names(options, "Cluster:Tls:Key", $"chmod 600 {options.Key}");
        }
    }

    [Fact]
    public void A_file_that_a_link_names_is_what_counts()
    {
        var options = _folder.Node(_authority);
        File.CreateSymbolicLink(_folder["link"], options.Key!);
        options.Key = _folder["link"];
        Assert.Empty(options.Faults(isAlone: false));
        File.SetUnixFileMode(_folder["node.key"], UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Names(options, "Cluster:Tls:Key", "chmod 600");
    }

    public static TheoryData<string, string> Wrong =>
        new()
        {
            { "no such certificate", "no such file" },
            { "no certificate", "Cluster:Tls:Certificate is not" },
            { "no authority", "Cluster:Tls:Authority is not" },
            { "an authority that is no certificate", "BEGIN CERTIFICATE" },
            { "no key", "Cluster:Tls:Key" },
            { "a key that is none", "BEGIN PRIVATE KEY" },
            { "another one's key", "must be the certificate's" },
            { "ended", "renew it" },
            { "another authority's", "not signed by Cluster:Tls:Authority" },
            { "for servers only", "client auth" },
            { "for clients only", "server auth" },
            { "another name", "glue-orleans among its DNS names" },
            { "no name", "Cluster:Tls:Name" },
            { "a name that is none", "Cluster:Tls:Name is 'two words'" },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_cannot_be_used_is_named_with_what_would_be_right(string what, string names)
    {
        var options = _folder.Node(_authority);
        using var other = new TestAuthority("other");
        switch (what)
        {
            case "no such certificate":
                options.Certificate += "s";
                break;
            case "no certificate":
                options.Certificate = null;
                break;
            case "no authority":
                options.Authority = null;
                break;
            case "an authority that is no certificate":
                _folder.Public("authority.pem", "here it will be");
                break;
            case "no key":
                options.Key = null;
                File.SetUnixFileMode(options.Certificate!, UnixFileMode.UserRead);
                break;
            case "a key that is none":
                _folder.Secret("node.key", "here it will be");
                break;
            case "another one's key":
                _folder.Secret("node.key", other.Issue().Key);
                break;
            case "ended":
                _folder.Write(_authority.Issue(days: -1));
                break;
            case "another authority's":
                _folder.Write(other.Issue());
                break;
            case "for servers only":
                _folder.Write(_authority.Issue(uses: [TestAuthority.ForServers]));
                break;
            case "for clients only":
                _folder.Write(_authority.Issue(uses: [TestAuthority.ForClients]));
                break;
            case "another name":
                _folder.Write(_authority.Issue("somebody-else"));
                break;
            case "no name":
                _folder.Write(_authority.Issue(name: null));
                break;
            default:
                options.Name = "two words";
                break;
        }

        Names(options, names);
    }

    [Fact]
    public void With_an_empty_name_any_certificate_of_the_authority_will_do()
    {
        var options = _folder.Node(_authority, "somebody-else");
        options.Name = "";
        Assert.Empty(options.Faults(isAlone: false));
    }

    [Fact]
    public void A_node_that_is_alone_has_nobody_to_talk_to() =>
        Assert.Contains(
            "Cluster:Database is not set",
            Assert.Single(
                new ValidateClusterOptions()
                    .Validate(null, new ClusterOptions { Tls = _folder.Node(_authority) })
                    .Failures!
            ),
            StringComparison.Ordinal
        );

    private static string Names(ClusterTlsOptions options, params string[] texts)
    {
        var fault = Assert.Single(options.Faults(isAlone: false));
        Assert.All(texts, text => Assert.Contains(text, fault, StringComparison.Ordinal));
        Assert.Contains("Cluster:Tls", fault, StringComparison.Ordinal);
        Assert.DoesNotContain("BEGIN EC", fault, StringComparison.Ordinal);
        return fault;
    }

    private static System.Security.Cryptography.PbeParameters Encryption =>
        new(
            System.Security.Cryptography.PbeEncryptionAlgorithm.Aes256Cbc,
            System.Security.Cryptography.HashAlgorithmName.SHA256,
            iterationCount: 1000
        );
}
