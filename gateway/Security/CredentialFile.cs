using System.Text.Json;
using System.Text.Json.Serialization;

namespace GlueOrleans.Gateway.Security;

/// <summary>
/// The file of access keys: <c>{"credentials":[{"accessKeyId":"…","secretAccessKey":"…","account":"…"}]}</c>. It has the
/// secrets themselves, as a signature can only be checked with them; so nobody but its owner may read it.
/// </summary>
public sealed class CredentialFile
{
    /// <summary>What it is called in a data folder.</summary>
    public const string DefaultName = "credentials.json";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OfOthers =
        UnixFileMode.GroupWrite
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherWrite
        | UnixFileMode.OtherExecute;

    /// <summary>Bytes: thousands of keys.</summary>
    private const int Longest = 1024 * 1024;

    /// <summary>In the order of the file.</summary>
    public IList<CredentialEntry> Credentials { get; init; } = [];

    /// <summary>The content of a file that only its owner can read.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="DirectoryNotFoundException">Nor its folder.</exception>
    /// <exception cref="CredentialException">It must not or cannot be read.</exception>
    public static byte[] ReadBytes(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
            // Of what was opened, not of what has the name now.
            if (IsSeenByOthers(File.GetUnixFileMode(handle)))
            {
                throw new CredentialException(
                    $"{path} can be read or changed by others than its owner, and it has secrets: chmod 600 {path}"
                );
            }

            var length = RandomAccess.GetLength(handle);
            if (length > Longest)
                throw new CredentialException($"{path} has {length} bytes: at most {Longest} are read.");
            var bytes = new byte[length];
            var read = 0;
            int more;
            while (read < length && (more = RandomAccess.Read(handle, bytes.AsSpan(read), read)) > 0)
                read += more;
            return bytes[..read];
        }
        catch (Exception e)
            when (e
                    is UnauthorizedAccessException
                        or IOException
                        and not FileNotFoundException
                        and not DirectoryNotFoundException
            )
        {
            throw new CredentialException($"{path} cannot be read: {e.Message}", e);
        }
    }

    /// <param name="bytes">Of the file.</param>
    /// <param name="path">For messages.</param>
    /// <exception cref="CredentialException">It is not such a file.</exception>
    public static CredentialFile Parse(ReadOnlySpan<byte> bytes, string path)
    {
        try
        {
            return
                JsonSerializer.Deserialize(bytes, CredentialsJson.Default.CredentialFile)
                    is { Credentials: not null } file
                && file.Credentials.All(entry => entry is not null)
                ? file
                : throw new CredentialException(
                    $$"""{{path}} must be {"credentials":[…]}, with an object for each key."""
                );
        }
        catch (JsonException e)
        {
            // The parser names places and members, not values.
            throw new CredentialException($"{path} is not as it should be: {e.Message}", e);
        }
    }

    /// <summary>Puts an access key in.</summary>
    /// <exception cref="CredentialException">It breaks a rule, or there is one with its id.</exception>
    public void Add(CredentialEntry entry)
    {
        if (CredentialRules.Fault(entry) is { } fault)
            throw new CredentialException($"This access key cannot be used: {fault}");
        if (Credentials.Any(known => known.AccessKeyId == entry.AccessKeyId))
            throw new CredentialException($"There is an access key {entry.AccessKeyId} already: remove it first.");
        Credentials.Add(entry);
    }

    /// <summary>Takes an access key out; <c>null</c>: there is none with this id.</summary>
    public CredentialEntry? Remove(string accessKeyId)
    {
        var found = Credentials.FirstOrDefault(known => known.AccessKeyId == accessKeyId);
        if (found is not null)
            Credentials.Remove(found);
        return found;
    }

    /// <summary>Puts a file in the place of another, all at once: whoever reads sees the one or the other.</summary>
    /// <param name="path">Of that other, or of a link to it.</param>
    /// <param name="prepare">Is given both, before the one takes the place of the other.</param>
    /// <exception cref="CredentialException">It cannot be written.</exception>
    public void Write(string path, Action<string, string>? prepare = null)
    {
        if (File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target)
            path = target.FullName;
        var draft = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (
                var stream = new FileStream(
                    draft,
                    new FileStreamOptions
                    {
                        Mode = FileMode.CreateNew,
                        Access = FileAccess.Write,
                        UnixCreateMode = OwnerOnly,
                    }
                )
            )
            {
                JsonSerializer.Serialize(stream, this, CredentialsJson.Default.CredentialFile);
                stream.Write("\n"u8);
                stream.Flush(flushToDisk: true);
            }

            prepare?.Invoke(path, draft);
            File.Move(draft, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(draft);
            throw new CredentialException($"{path} cannot be written: {e.Message}", e);
        }
    }

    /// <remarks>0440 is what Kubernetes makes of a mounted secret for a user that is not root: nobody can change it, and
    /// its group is the pod's own. A person's file is writable by its owner, and there the group is other people.</remarks>
    private static bool IsSeenByOthers(UnixFileMode mode) =>
        (mode & OfOthers) != 0
        || (mode & (UnixFileMode.GroupRead | UnixFileMode.UserWrite))
            == (UnixFileMode.GroupRead | UnixFileMode.UserWrite);
}

/// <summary>A member that is not known is a typing error: an <c>opertaions</c> would be no limit.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowTrailingCommas = true,
    ReadCommentHandling = JsonCommentHandling.Skip,
    WriteIndented = true
)]
[JsonSerializable(typeof(CredentialFile))]
internal sealed partial class CredentialsJson : JsonSerializerContext;
