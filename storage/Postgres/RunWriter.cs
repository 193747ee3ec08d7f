using System.Threading.Channels;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Runs;
using Npgsql;

namespace GlueOrleans.Storage.Postgres;

/// <summary>
/// Writes the runs of all grains of this silo: takes what is waiting, writes it in one transaction, and answers after the
/// commit. A commit costs a flush to the disk, and a round trip, however many rows are in it, so under load the queue turns
/// many callers' waits into one.
/// </summary>
/// <remarks>
/// A run is written at most once in a batch, so its writes are made in the order in which they were asked for. One batch at a
/// time: a second connection was measured to commit no more, and to cost both sides more. So nothing begins alone that does
/// not have to (<see cref="RunWrite.IsPatient"/>): who asks while it is committed waits for two commits. A caller who starts
/// one run after the other would do so each time.
/// <para>What each failure leads to:</para>
/// <list type="bullet">
/// <item>What a batch leaves alone (<see cref="RunBatchSql"/>) is its caller's to write by itself. If one row is one that the
/// database refuses, that is the whole batch: alone, each of the others succeeds.</item>
/// <item>If the database fails, or does not answer within <c>Command Timeout</c>, every write of the batch is a
/// <see cref="StoreUnavailableException"/>, and may have happened. The next batch is tried as if nothing had.</item>
/// <item>A write that was not taken up within <c>Command Timeout</c> is given up: it is not made. So the wait has an end, of
/// about twice that; and neither do writes pile up which nobody waits for.</item>
/// <item>A queue that is full refuses what does not fit, at once.</item>
/// </list>
/// </remarks>
internal sealed class RunWriter
{
    /// <summary>Bounds what one failure takes with it, and the time to the first answer.</summary>
    internal const int LargestBatch = 512;

    /// <summary>In characters: bounds the memory of a batch of large rows.</summary>
    private const int LongestBatch = 1024 * 1024;

    /// <summary>As metrics call this database.</summary>
    private const string Postgresql = "postgresql";

    /// <summary>About as long as a client takes to ask for the next thing; far less than anybody takes to look at a run.</summary>
    internal static readonly TimeSpan Company = TimeSpan.FromMilliseconds(3);

    /// <summary>Npgsql gives a statement up by asking the server to; that takes its time too.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly PostgresDatabase _database;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _company;
    private readonly Channel<RunWrite> _queue;
    private readonly Task _serving;
    private volatile bool _isClosing;

    /// <param name="database">Written to.</param>
    /// <param name="patience">How long a write waits to be taken up, and how long a batch may take.</param>
    /// <param name="clock">Of the world outside.</param>
    /// <param name="queueLength">How many writes may wait.</param>
    /// <param name="company">How long a write that is patient waits for others; <c>null</c>: <see cref="Company"/>.</param>
    internal RunWriter(
        PostgresDatabase database,
        TimeSpan patience,
        TimeProvider clock,
        int queueLength = 16 * 1024,
        TimeSpan? company = null
    )
    {
        _database = database;
        _patience = patience;
        _clock = clock;
        _company = company ?? Company;
        _queue = Channel.CreateBounded<RunWrite>(new BoundedChannelOptions(queueLength) { SingleReader = true });
        _serving = Task.Run(Serve);
    }

    /// <summary>True: it is committed. False: it was left alone, and is to be written by itself.</summary>
    /// <exception cref="StoreUnavailableException">The database did not commit in time, or cannot.</exception>
    internal async Task<bool> Write(RunWrite write)
    {
        if (!_queue.Writer.TryWrite(write))
            throw new StoreUnavailableException(
                _isClosing
                    ? $"{_database.Name} is closed: the node is shutting down."
                    : $"{_database.Name} does not keep up: too many writes wait for it. Nothing was written. See what the "
                        + "server is busy with, or start fewer runs at once."
            );
        try
        {
            return await write.IsWritten.WaitAsync(_patience, _clock);
        }
        catch (TimeoutException e) when (write.TryGiveUp())
        {
            throw new StoreUnavailableException(
                $"{_database.Name} does not keep up: a write waited for its turn for {_patience.TotalSeconds:F0} s. Nothing "
                    + "was written. See what the server is busy with. If it is slow by nature, raise Command Timeout.",
                e
            );
        }
        catch (TimeoutException) { }

        try
        {
            return await write.IsWritten.WaitAsync(_patience + Grace, _clock);
        }
        catch (TimeoutException e)
        {
            throw new StoreUnavailableException(
                $"{_database.Name} has not answered for {(2 * _patience + Grace).TotalSeconds:F0} s. See what the server is "
                    + "busy with.",
                e
            );
        }
    }

    /// <summary>Refuses new writes, and finishes those in the queue, if the database lets it.</summary>
    internal async Task Close()
    {
        _isClosing = true;
        _queue.Writer.TryComplete();
        await _serving.WaitAsync(_patience, _clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task Serve()
    {
        var batch = new Dictionary<string, RunWrite>(LargestBatch, StringComparer.Ordinal);
        var more = _queue.Reader.WaitToReadAsync().AsTask();
        while (await more)
        {
            Fill(batch);
            more = _queue.Reader.WaitToReadAsync().AsTask();
            if (batch.Count > 0)
            {
                more = await AwaitCompany(batch, more);
                await Commit(batch);
            }

            batch.Clear();
        }
    }

    /// <summary>Returns when somebody waits for the batch, or nobody has come for too long.</summary>
    /// <param name="batch">Gets what comes meanwhile.</param>
    /// <param name="more">Whether there is something in the queue, or comes.</param>
    /// <returns>The same, from then on.</returns>
    private async Task<Task<bool>> AwaitCompany(Dictionary<string, RunWrite> batch, Task<bool> more)
    {
        if (!IsPatient(batch))
            return more;
        var late = Task.Delay(_company, _clock);
        for (var size = 0; size < batch.Count && batch.Count < LargestBatch && IsPatient(batch); )
        {
            if (await Task.WhenAny(more, late) == late || !await more)
                return more;
            size = batch.Count;
            // Not larger by that: the next one in the queue has to come after this batch.
            Fill(batch);
            more = _queue.Reader.WaitToReadAsync().AsTask();
        }

        return more;
    }

    private static bool IsPatient(Dictionary<string, RunWrite> batch)
    {
        foreach (var write in batch.Values)
        {
            if (!write.IsPatient)
                return false;
        }

        return true;
    }

    private void Fill(Dictionary<string, RunWrite> batch)
    {
        var length = 0;
        while (batch.Count < LargestBatch && length < LongestBatch && _queue.Reader.TryPeek(out var next))
        {
            // The second write of a run is the next batch's.
            if (batch.ContainsKey(next.Run.Id))
                return;
            _queue.Reader.TryRead(out _);
            if (!next.TryTake())
                continue;
            batch.Add(next.Run.Id, next);
            length += next.Length;
        }
    }

    private async Task Commit(Dictionary<string, RunWrite> batch)
    {
        var begunAt = _clock.GetTimestamp();
        try
        {
            var written = await _database.Read(Ids, Statements(batch.Values));
            StorageMetrics.Committed(Postgresql, written.Count, _clock.GetElapsedTime(begunAt), succeeded: true);
            foreach (var (id, write) in batch)
                write.Complete(written.Contains(id));
        }
        catch (StoreUnavailableException e)
        {
            StorageMetrics.Committed(Postgresql, batch.Count, _clock.GetElapsedTime(begunAt), succeeded: false);
            // One exception each: throwing one object from many awaits at once garbles its stack trace.
            foreach (var write in batch.Values)
                write.Fail(new StoreUnavailableException(e.Message, e.InnerException ?? e));
        }
        catch (Exception)
        {
            // One of the rows; its own caller will hear of it. Nothing was written.
            StorageMetrics.Committed(Postgresql, batch.Count, _clock.GetElapsedTime(begunAt), succeeded: false);
            foreach (var write in batch.Values)
                write.Complete(isWritten: false);
        }
    }

    internal static List<NpgsqlBatchCommand> Statements(IEnumerable<RunWrite> batch)
    {
        var byKind = batch.ToLookup(write => write.ExpectedVersion is null);
        // In one order, should somebody else create the same ones: whoever waits for a unique key then waits in no circle.
        RunWrite[] creations = [.. byKind[true].OrderBy(write => write.Run.Id, StringComparer.Ordinal)];
        RunWrite[] changes = [.. byKind[false]];
        List<NpgsqlBatchCommand> statements = [RunBatchSql.ByIndex.With()];
        if (creations.Length > 0)
            statements.Add(RunArrays.Creation(creations));
        foreach (var creation in creations)
        {
            if (RunId.IsSuccessor(creation.Run))
                statements.Add(RunSql.SettleSuccessor.With(RunRow.Succession(creation.Run)));
        }

        if (changes.Length > 0)
            statements.Add(RunArrays.Change(changes));
        return statements;
    }

    /// <summary>Of all runs that were written, whether created or changed.</summary>
    private static async Task<HashSet<string>> Ids(NpgsqlDataReader reader)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        // The first answer is that of ByIndex.
        while (await reader.NextResultAsync())
        {
            while (await reader.ReadAsync())
                ids.Add(RunRow.Text(reader, 0));
        }

        return ids;
    }
}
