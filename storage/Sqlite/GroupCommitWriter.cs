using System.Threading.Channels;
using GlueOrleans.GrainInterfaces;
using Microsoft.Data.Sqlite;

namespace GlueOrleans.Storage.Sqlite;

/// <summary>
/// The only writer of a database file: one thread that takes what is waiting, runs it in one transaction, and answers
/// after the commit. A commit costs a flush to the disk however many rows are in it, so under load the queue turns many
/// callers' waits into one.
/// </summary>
/// <remarks>
/// What each failure leads to:
/// <list type="bullet">
/// <item>A row whose condition does not hold is an ordinary answer, and the rest of the batch is unaffected.</item>
/// <item>A row that breaks a constraint of the schema, is too big, or cannot even be bound fails alone; SQLite has undone
/// that one statement.</item>
/// <item>Anything else (disk full, file locked, I/O error) fails the whole batch with
/// <see cref="StoreUnavailableException"/>. The next batch is tried as if nothing had happened, on a new connection
/// if the old one may be at fault, so service resumes when the cause is gone.</item>
/// <item>A queue that stays full for <see cref="Patience"/> refuses what does not fit.</item>
/// <item>A write that was not taken up within <see cref="Patience"/> is given up: it is not made. One that was, and is not
/// committed in as long again, may be made yet; its caller waits no longer.</item>
/// </list>
/// </remarks>
internal sealed class GroupCommitWriter
{
    /// <summary>Bounds what one failure takes with it, and the time to the first answer.</summary>
    private const int LargestBatch = 512;

    /// <summary>As metrics call this database.</summary>
    private const string Sqlite = "sqlite";

    /// <summary>How long a caller waits for a place in the queue, then for its turn, and then for the commit.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string _path;
    private readonly TimeProvider _clock;
    private readonly Channel<Request> _queue;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Belongs to the thread. Null after an error that may have been the connection's.</summary>
    private SqliteSession? _session;

    internal GroupCommitWriter(string path, TimeProvider clock, int queueLength)
    {
        _path = path;
        _clock = clock;
        _queue = Channel.CreateBounded<Request>(
            new BoundedChannelOptions(queueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait }
        );
        _session = SqliteSession.ForWriting(path);
        new Thread(Work) { IsBackground = true, Name = $"writer of {Path.GetFileName(path)}" }.Start();
    }

    /// <summary>
    /// Runs <paramref name="work"/> on the writer's thread, inside a transaction with others; completes after the commit.
    /// </summary>
    internal async Task<T> Write<T>(Func<SqliteSession, T> work)
    {
        var request = new Request<T>(work);
        if (!_queue.Writer.TryWrite(request))
            await WaitForAPlace(request);
        try
        {
            return await request.Answer.WaitAsync(Patience, _clock);
        }
        catch (TimeoutException e) when (request.TryGiveUp())
        {
            throw NotKeptUp($"a write waited for its turn for {Patience.TotalSeconds:F0} s, and was not made", e);
        }
        catch (TimeoutException) { }

        try
        {
            return await request.Answer.WaitAsync(Patience, _clock);
        }
        catch (TimeoutException e)
        {
            throw NotKeptUp($"it has not committed for {Patience.TotalSeconds:F0} s", e);
        }
    }

    /// <summary>Refuses new writes, finishes those in the queue, moves the log into the database, and closes it.</summary>
    internal Task Close()
    {
        _queue.Writer.TryComplete();
        return _ended.Task;
    }

    private async Task WaitForAPlace(Request request)
    {
        using var patience = new CancellationTokenSource(Patience, _clock);
        try
        {
            await _queue.Writer.WriteAsync(request, patience.Token);
        }
        catch (OperationCanceledException e)
        {
            throw NotKeptUp($"its write queue was full for {Patience.TotalSeconds:F0} s", e);
        }
        catch (ChannelClosedException e)
        {
            throw new StoreUnavailableException($"The database '{_path}' is closed: this node is shutting down.", e);
        }
    }

    private StoreUnavailableException NotKeptUp(string how, Exception cause) =>
        new(
            $"The database '{_path}' does not keep up: {how}. Check the disk's latency, or start fewer runs at once.",
            cause
        );

    private void Work()
    {
        var batch = new List<Request>(LargestBatch);
        try
        {
            // Blocking is right here: the thread exists for this.
            while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (batch.Count < LargestBatch && _queue.Reader.TryRead(out var request))
                {
                    if (request.TryTake())
                        batch.Add(request);
                }

                if (batch.Count > 0)
                    Serve(batch);
                batch.Clear();
            }
        }
        finally
        {
            Finish();
        }
    }

    private void Serve(List<Request> batch)
    {
        var begunAt = _clock.GetTimestamp();
        try
        {
            _session ??= SqliteSession.ForWriting(_path);
            _session.Execute("BEGIN IMMEDIATE");
            foreach (var request in batch)
                request.Run(_session);
            _session.Execute("COMMIT");
        }
        catch (Exception e)
        {
            RollBack(e);
            StorageMetrics.Committed(Sqlite, batch.Count, _clock.GetElapsedTime(begunAt), succeeded: false);
            // One exception each: throwing one object from many awaits at once garbles its stack trace.
            foreach (var request in batch)
                request.Fail(SqliteErrors.Unavailable(_path, e));
            return;
        }

        StorageMetrics.Committed(Sqlite, batch.Count, _clock.GetElapsedTime(begunAt), succeeded: true);
        foreach (var request in batch)
            request.Complete();
    }

    private void RollBack(Exception cause)
    {
        try
        {
            if (_session is { IsInTransaction: true })
                _session.Execute("ROLLBACK");
            if (SqliteErrors.ConnectionSurvives(cause))
                return;
        }
        catch (SqliteException)
        {
            // The connection is given up below, and with it its transaction.
        }

        DropSession();
    }

    private void DropSession()
    {
        try
        {
            _session?.Dispose();
        }
        catch (SqliteException)
        {
            // Nothing is left to do with it.
        }

        _session = null;
    }

    private void Finish()
    {
        try
        {
            _session?.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException)
        {
            // What is committed is in the log; whoever opens the file next reads it from there.
        }

        DropSession();
        _ended.SetResult();
    }

    private abstract class Request
    {
        /// <summary>Whoever comes first, the writer who takes it or the caller who gives it up, has it.</summary>
        private int _isDecided;

        /// <summary>For the writer. False: the caller has given it up, and it must not be written.</summary>
        internal bool TryTake() => Interlocked.Exchange(ref _isDecided, 1) == 0;

        /// <summary>For the caller. False: it is being written.</summary>
        internal bool TryGiveUp() => Interlocked.Exchange(ref _isDecided, 1) == 0;

        internal abstract void Run(SqliteSession session);
        internal abstract void Complete();
        internal abstract void Fail(Exception failure);
    }

    private sealed class Request<T>(Func<SqliteSession, T> work) : Request
    {
        /// <summary>Continuations run elsewhere: the writer's thread must not do its callers' work.</summary>
        private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private T? _result;
        private Exception? _ownFault;

        internal Task<T> Answer => _answer.Task;

        internal override void Run(SqliteSession session)
        {
            try
            {
                _result = work(session);
            }
            catch (Exception e) when (session.IsInTransaction && !SqliteErrors.IsTheDatabases(e))
            {
                _ownFault = new ArgumentException($"The row cannot be written: {e.Message}", e);
            }
        }

        internal override void Complete()
        {
            if (_ownFault is null)
                _answer.TrySetResult(_result!);
            else
                _answer.TrySetException(_ownFault);
        }

        internal override void Fail(Exception failure) => _answer.TrySetException(failure);
    }
}
