using GlueOrleans.Executors;
using GlueOrleans.Gateway.Security;

namespace GlueOrleans.Silo.Credentials;

/// <summary>Reads and changes a file of access keys for the command line.</summary>
internal static class CredentialsEditor
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary><c>null</c>: there is no such file.</summary>
    /// <exception cref="StartupException">It cannot be used.</exception>
    public static CredentialFile? Read(string path) =>
        Saying(() =>
        {
            try
            {
                return CredentialFile.Parse(CredentialFile.ReadBytes(path), path);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                return null;
            }
        });

    /// <summary>Reads, changes and writes, with no other command between.</summary>
    /// <param name="path">The file.</param>
    /// <param name="change">To what it says.</param>
    /// <param name="mayCreate">It need not be there yet, nor its folder.</param>
    /// <exception cref="StartupException">It cannot be read, changed so, or written.</exception>
    public static void Change(string path, Action<CredentialFile> change, bool mayCreate) =>
        Saying(() =>
        {
            if (mayCreate)
                CreateFolder(path);
            else if (!File.Exists(path))
                throw new CredentialException($"{path} is not there: name another with --file or --data.");
            using var only = Lock(path);
            var file = Read(path) ?? new CredentialFile();
            change(file);
            file.Write(path, KeepOwner);
            return 0;
        });

    /// <remarks>A data folder is for its owner only, as a node makes it.</remarks>
    private static void CreateFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!, OwnerOnly | UnixFileMode.UserExecute);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CredentialException($"The folder of {path} cannot be made: {e.Message}", e);
        }
    }

    /// <summary>A node that runs as another user could not read what now is this one's, and would keep the keys that it has.</summary>
    private static void KeepOwner(string path, string draft)
    {
        try
        {
            if (File.Exists(path))
                FileOwner.Copy(path, draft);
        }
        catch (IOException e)
        {
            throw new IOException($"it is another user's: run this as that user. ({e.Message})", e);
        }
    }

    private static FileStream Lock(string path)
    {
        var name = $"{path}.lock";
        try
        {
            return new FileStream(
                name,
                new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    UnixCreateMode = OwnerOnly,
                    Options = FileOptions.DeleteOnClose,
                }
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CredentialException(
                $"{path} cannot be changed, perhaps because another command is about to: {e.Message}",
                e
            );
        }
    }

    private static T Saying<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (CredentialException e)
        {
            throw new StartupException(e.Message, e);
        }
    }
}
