namespace GlueOrleans.GrainInterfaces;

/// <summary>
/// The run table could not commit or answer: a full disk, a locked file, a database that is away. Whether the write
/// happened is unknown, so whoever sees this must read again before deciding anything.
/// </summary>
[GenerateSerializer, Alias("StoreUnavailableException")]
public sealed class StoreUnavailableException : Exception
{
    public StoreUnavailableException() { }

    public StoreUnavailableException(string message)
        : base(message) { }

    public StoreUnavailableException(string message, Exception innerException)
        : base(message, innerException) { }
}
