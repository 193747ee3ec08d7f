using GlueOrleans.GrainInterfaces;
using GlueOrleans.GrainInterfaces.Runs;

namespace GlueOrleans.Storage.Postgres;

/// <summary>
/// Reads single runs for all grains of this silo. What is asked for while queries are under way is asked of the database
/// together, by the next one: so many callers cost few round trips, and a single one waits for nobody.
/// </summary>
/// <remarks>
/// A query begins after whatever it answers was asked for, so nobody gets a row that is older than his question. Who asks for a
/// run that already waits for its query shares it. What each failure leads to: if the database fails, all who waited for that
/// query hear of it; if an id or a row is one that cannot be read, each of the batch is read by itself.
/// </remarks>
internal sealed class RunReader(PostgresDatabase database)
{
    /// <summary>Bounds the memory of one answer, in which a row may have 260 KB of arguments.</summary>
    private const int LargestBatch = 64;

    /// <summary>Two: one is answered while the other is on its way.</summary>
    private const int MostQueries = 2;

    private readonly Lock _lock = new();

    private Dictionary<string, TaskCompletionSource<RunRecord?>> _waiting = NewBatch();
    private readonly Queue<Dictionary<string, TaskCompletionSource<RunRecord?>>> _full = new();
    private int _queries;

    /// <summary>The run with this id, or <c>null</c>.</summary>
    /// <exception cref="StoreUnavailableException">The database did not answer.</exception>
    internal Task<RunRecord?> Find(string runId)
    {
        Task<RunRecord?> found;
        lock (_lock)
        {
            if (!_waiting.TryGetValue(runId, out var asked))
            {
                asked = new TaskCompletionSource<RunRecord?>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add(runId, asked);
            }

            found = asked.Task;
            if (_waiting.Count == LargestBatch)
            {
                _full.Enqueue(_waiting);
                _waiting = NewBatch();
            }

            if (_queries == MostQueries)
                return found;
            _queries++;
        }

        // Not on its caller's scheduler: that is a grain's, and others wait for this.
        _ = Task.Run(Serve);
        return found;
    }

    private async Task Serve()
    {
        while (Next() is { } batch)
            await Answer(batch);
    }

    private Dictionary<string, TaskCompletionSource<RunRecord?>>? Next()
    {
        lock (_lock)
        {
            if (_full.TryDequeue(out var full))
                return full;
            if (_waiting.Count == 0)
            {
                _queries--;
                return null;
            }

            var batch = _waiting;
            _waiting = NewBatch();
            return batch;
        }
    }

    private async Task Answer(Dictionary<string, TaskCompletionSource<RunRecord?>> batch)
    {
        try
        {
            var rows = await database.Query(RunRow.Reader(), RunSql.FindMany.With(("@ids", Value.Of([.. batch.Keys]))));
            var byId = rows.ToDictionary(run => run.Id, StringComparer.Ordinal);
            foreach (var (id, asked) in batch)
                asked.TrySetResult(byId.GetValueOrDefault(id));
        }
        catch (StoreUnavailableException e)
        {
            // One exception each: throwing one object from many awaits at once garbles its stack trace.
            foreach (var asked in batch.Values)
                asked.TrySetException(new StoreUnavailableException(e.Message, e.InnerException ?? e));
        }
        catch (Exception)
        {
            foreach (var (id, asked) in batch)
                await AnswerAlone(id, asked);
        }
    }

    private async Task AnswerAlone(string id, TaskCompletionSource<RunRecord?> asked)
    {
        try
        {
            var rows = await database.Query(RunRow.Reader(), RunSql.Find.With(("@id", Value.Of(id))));
            asked.TrySetResult(rows.SingleOrDefault());
        }
        catch (Exception e)
        {
            asked.TrySetException(e);
        }
    }

    private static Dictionary<string, TaskCompletionSource<RunRecord?>> NewBatch() => new(StringComparer.Ordinal);
}
