using System.Text;

namespace GlueOrleans.Silo.Clustering;

/// <summary>The database's password, from a file that is read again for every connection, so that it can be changed there.</summary>
internal sealed class DatabasePassword(string path)
{
    private volatile string? _last;

    public static string Key => $"Cluster:{nameof(ClusterOptions.PasswordFile)}";

    /// <summary>What the file says. While it cannot be read, as when it is being replaced, what it said last.</summary>
    /// <exception cref="SecretFileException">It has never been readable.</exception>
    public string Read()
    {
        try
        {
            return _last = ReadNow();
        }
        catch (SecretFileException) when (_last is not null)
        {
            return _last;
        }
    }

    /// <exception cref="SecretFileException">It cannot be read, or is empty.</exception>
    public string ReadNow()
    {
        // Editors, and echo, end a file with a line's end.
        var password = Encoding.UTF8.GetString(SecretFile.Read(Key, path)).TrimEnd('\r', '\n');
        return password.Length > 0
            ? password
            : throw new SecretFileException(
                $"{Key}: {path} is empty. Write the password of the database's user into it."
            );
    }
}
