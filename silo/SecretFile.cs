namespace GlueOrleans.Silo;

/// <summary>A file with something in it that is not everybody's to read: a key, a password.</summary>
internal static class SecretFile
{
    /// <summary>Far more than a certificate's chain, and no more than is read of a wrong file.</summary>
    private const int MostBytes = 1 << 20;

    /// <summary>The group may read: a file that a secret store mounts for a process belongs to root, and to its group.</summary>
    private const UnixFileMode Open =
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.GroupWrite;

    /// <summary>What is in it.</summary>
    /// <param name="key">The setting that names the file, for the message.</param>
    /// <param name="path">Relative to the working directory. Links are followed.</param>
    /// <param name="isSecret">Whether it must not be readable by everybody.</param>
    /// <exception cref="SecretFileException">It is not there, cannot be read, is too large, or is open to others.</exception>
    public static byte[] Read(string key, string path, bool isSecret = true)
    {
        try
        {
            using var file = new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete
            );
            // Of what was opened: the name may be a link, and another file's in a moment.
            if (isSecret && !OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & Open) != 0)
            {
                throw new SecretFileException(
                    $"{key}: other users of this machine can read or change {path}. Take that from them: chmod 600 {path}."
                );
            }

            if (file.Length > MostBytes)
                throw new SecretFileException(
                    $"{key}: {path} has {file.Length} bytes, and is no such file. Name another."
                );
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            var why = e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "there is no such file",
                UnauthorizedAccessException => "this user may not read it, or it is a folder",
                _ => e.Message.TrimEnd('.'),
            };
            throw new SecretFileException($"{key} is {path}: {why}. Name a file that the node can read.", e);
        }
    }
}

/// <summary>What is wrong with such a file, in a sentence with the remedy. Never says what is in it.</summary>
internal sealed class SecretFileException(string message, Exception? innerException = null)
    : Exception(message, innerException);
