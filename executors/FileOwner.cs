namespace GlueOrleans.Executors;

/// <summary>Whose a file is.</summary>
public static class FileOwner
{
    /// <summary>Makes another file, which is this process's own, the same user's and group's. Does nothing elsewhere than on
    /// Linux.</summary>
    /// <exception cref="IOException">This process may not: mostly only root may.</exception>
    public static void Copy(string from, string to)
    {
        using var handle = File.OpenHandle(from);
        if (FileStatus.Of(handle) is { } status && status.Owner != Posix.EffectiveUser)
            Posix.ChangeOwner(to, status.Owner, status.Group);
    }
}
