namespace GlueOrleans.Storage;

/// <summary>
/// The data folder, or a database in it, cannot be used. The message is for whoever starts the node: it names the path,
/// what is wrong with it, and what to do.
/// </summary>
public sealed class StorageStartupException : Exception
{
    public StorageStartupException() { }

    public StorageStartupException(string message)
        : base(message) { }

    public StorageStartupException(string message, Exception innerException)
        : base(message, innerException) { }
}
