using System.Collections.Concurrent;
using GlueOrleans.GrainInterfaces;
using Microsoft.Data.Sqlite;

namespace GlueOrleans.Storage.Sqlite;

/// <summary>
/// Reads on connections of their own. With a write-ahead log they see the last commit and never wait for the writer.
/// </summary>
internal sealed class ReadConnections(string path) : IAsyncDisposable
{
    /// <summary>SQLite works on the calling thread, so more than a few at once only queue up in the processor.</summary>
    private static readonly int Limit = Math.Max(4, Environment.ProcessorCount);

    private readonly SemaphoreSlim _places = new(Limit);
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private volatile bool _isClosed;

    /// <summary>Runs <paramref name="work"/> on a thread of the pool, never on the caller's (a grain's) scheduler.</summary>
    internal Task<T> Read<T>(Func<SqliteSession, T> work) =>
        // All of it, the waiting too: a place given back by a grain would be held while that grain is busy.
        Task.Run(async () =>
        {
            await _places.WaitAsync();
            try
            {
                return Run(work);
            }
            finally
            {
                _places.Release();
            }
        });

    /// <summary>Refuses new reads, waits for those under way, and closes the connections.</summary>
    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        for (var i = 0; i < Limit; i++)
            await _places.WaitAsync();
        while (_idle.TryTake(out var session))
            session.Dispose();
        // Not disposed, but given back: reads that are still waiting must wake up to be refused.
        _places.Release(Limit);
    }

    private T Run<T>(Func<SqliteSession, T> work)
    {
        if (_isClosed)
            throw new StoreUnavailableException($"The database '{path}' is closed: this node is shutting down.");

        SqliteSession? session = null;
        try
        {
            if (!_idle.TryTake(out session))
                session = SqliteSession.ForReading(path);
            var result = work(session);
            _idle.Add(session);
            return result;
        }
        catch (Exception e)
        {
            session?.Dispose();
            if (e is SqliteException)
                throw SqliteErrors.Unavailable(path, e);
            throw;
        }
    }
}
