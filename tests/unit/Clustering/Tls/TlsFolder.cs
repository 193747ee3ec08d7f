using GlueOrleans.Silo.Clustering.Tls;
using GlueOrleans.Tests.Support;

namespace GlueOrleans.Tests.Unit.Clustering.Tls;

/// <summary>The files of a node, in a folder that is gone with it.</summary>
internal sealed class TlsFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("glue-tls-").FullName;

    public string this[string name] => Path.Combine(_path, name);

    /// <summary>Settings of a node with a good certificate of this authority.</summary>
    public ClusterTlsOptions Node(TestAuthority authority, string name = ClusterTlsOptions.DefaultName)
    {
        Write(authority.Issue(name));
        return new ClusterTlsOptions
        {
            Certificate = this["node.pem"],
            Key = this["node.key"],
            Authority = Public("authority.pem", authority.Certificate),
        };
    }

    public void Write((string Certificate, string Key) node)
    {
        Public("node.pem", node.Certificate);
        Secret("node.key", node.Key);
    }

    public string Public(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public string Secret(string name, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        Public(name, text);
        File.SetUnixFileMode(this[name], mode);
        return this[name];
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
