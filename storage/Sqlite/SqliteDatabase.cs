namespace GlueOrleans.Storage.Sqlite;

/// <summary>An open database file: one writer, a few readers.</summary>
internal sealed class SqliteDatabase : IAsyncDisposable
{
    private const int WriteQueueLength = 16 * 1024;

    private readonly GroupCommitWriter _writer;
    private readonly ReadConnections _readers;

    /// <param name="path">A file whose schema is prepared.</param>
    /// <param name="clock">Bounds the wait for a place in the write queue.</param>
    /// <param name="writeQueueLength">How many writes may wait.</param>
    internal SqliteDatabase(string path, TimeProvider clock, int writeQueueLength = WriteQueueLength)
    {
        _writer = new GroupCommitWriter(path, clock, writeQueueLength);
        _readers = new ReadConnections(path);
    }

    /// <inheritdoc cref="GroupCommitWriter.Write"/>
    internal Task<T> Write<T>(Func<SqliteSession, T> work) => _writer.Write(work);

    /// <inheritdoc cref="ReadConnections.Read"/>
    internal Task<T> Read<T>(Func<SqliteSession, T> work) => _readers.Read(work);

    public async ValueTask DisposeAsync()
    {
        // Readers first: the writer's last checkpoint can only empty the log when nobody reads from it.
        await _readers.DisposeAsync();
        await _writer.Close();
    }
}
