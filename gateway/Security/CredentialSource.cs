using System.Security.Cryptography;
using System.Text;

namespace GlueOrleans.Gateway.Security;

/// <summary>Where a node's credentials come from, and what they were when it started.</summary>
public sealed class CredentialSource
{
    private readonly IReadOnlyList<AccessKey> _configured;

    private CredentialSource(string? file, IReadOnlyList<AccessKey> configured)
    {
        (File, _configured) = (file, configured);
        if (file is null)
        {
            Initial = WithoutFile();
            return;
        }

        var content = CredentialFile.ReadBytes(file);
        (Initial, InitialDigest) = (Read(content), Digest(content));
    }

    /// <summary>The file that keys come from; <c>null</c>: all are in the configuration.</summary>
    public string? File { get; }

    /// <summary>Keys at the start.</summary>
    public int Count => Initial.Count;

    internal CredentialSet Initial { get; }

    /// <summary>Of the file at the start, if there is one.</summary>
    internal byte[]? InitialDigest { get; }

    /// <summary>The credentials that a node's settings name; <c>null</c>: none.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="dataFolder">Of the node, if it has one.</param>
    /// <exception cref="CredentialException">They are named, and cannot be used.</exception>
    public static CredentialSource? Find(AuthOptions options, string? dataFolder)
    {
        var file =
            options.CredentialsFile is { Length: > 0 } given ? Path.GetFullPath(given)
            : dataFolder is null ? null
            : DefaultIn(dataFolder);
        if (string.IsNullOrEmpty(options.CredentialsFile) && !System.IO.File.Exists(file))
            file = null;
        if (file is null && options.Credentials.Count == 0)
            return null;
        try
        {
            return new CredentialSource(file, [.. options.Credentials.Select(Configured)]);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CredentialException(
                $"Auth:CredentialsFile is {file}, which is not there: make it with glue-orleans credentials add --file {file}",
                e
            );
        }
    }

    public static string DefaultIn(string dataFolder) =>
        Path.Combine(Path.GetFullPath(dataFolder), CredentialFile.DefaultName);

    /// <summary>The keys of both places, the file having this content.</summary>
    /// <exception cref="CredentialException">They cannot be used.</exception>
    internal CredentialSet Read(ReadOnlySpan<byte> content)
    {
        var entries = CredentialFile.Parse(content, File!).Credentials;
        return new CredentialSet([
            .. _configured,
            .. entries.Select((entry, i) => CredentialRules.Key(entry, $"{File}: credentials[{i}]")),
        ]);
    }

    /// <summary>Without a file the keys of the configuration are what is left.</summary>
    internal CredentialSet WithoutFile() => new(_configured);

    /// <summary>Tells one content from another, so that no second copy of the secrets is kept.</summary>
    internal static byte[] Digest(ReadOnlySpan<byte> content) => SHA256.HashData(content);

    private static AccessKey Configured(CredentialOptions options, int index)
    {
        var where = $"Auth:Credentials:{index}";
        if (options.SecretFile is { Length: > 0 } file)
        {
            if (options.SecretAccessKey is not null)
                throw new CredentialException($"{where} has a SecretAccessKey and a SecretFile: give one of the two.");
            try
            {
                options.SecretAccessKey = Encoding.UTF8.GetString(CredentialFile.ReadBytes(file)).TrimEnd();
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                throw new CredentialException($"{where}:SecretFile is {file}, which is not there.", e);
            }
        }

        return CredentialRules.Key(options, where);
    }
}
