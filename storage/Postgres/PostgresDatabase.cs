using GlueOrleans.GrainInterfaces;
using Npgsql;

namespace GlueOrleans.Storage.Postgres;

/// <summary>Runs statements, and says in our words what went wrong with them.</summary>
/// <remarks>
/// The statements of one call are one batch, and a batch is one transaction: one round trip, all or nothing, and no lock is
/// ever held while a client thinks. At READ COMMITTED each statement of it sees what was committed when it began.
/// <para>What each failure leads to: a row that breaks a constraint, or that cannot be written at all, is an
/// <see cref="ArgumentException"/>. A deadlock or a failed serialization has undone the whole batch, so it is run again, a few
/// times. Anything else is a <see cref="StoreUnavailableException"/>, after which a write may have happened: a connection that
/// broke during the commit does not say.</para>
/// </remarks>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    private const int Attempts = 4;

    private readonly NpgsqlDataSource _source;
    private volatile bool _isClosed;

    /// <param name="source">Disposed with this.</param>
    /// <param name="name">As it is called in errors.</param>
    internal PostgresDatabase(NpgsqlDataSource source, string name)
    {
        _source = source;
        Name = name;
    }

    /// <summary>As it is called in errors.</summary>
    internal string Name { get; }

    /// <summary>How many rows the last statement changed.</summary>
    internal Task<int> Execute(params IReadOnlyList<NpgsqlBatchCommand> statements) =>
        Run(
            statements,
            async batch =>
            {
                await batch.ExecuteNonQueryAsync();
                return (int)batch.BatchCommands[^1].RecordsAffected;
            }
        );

    /// <summary>The rows of the only statement that answers with any.</summary>
    internal Task<List<T>> Query<T>(
        Func<NpgsqlDataReader, T> read,
        params IReadOnlyList<NpgsqlBatchCommand> statements
    ) =>
        Read(
            async reader =>
            {
                var rows = new List<T>();
                while (await reader.ReadAsync())
                    rows.Add(read(reader));
                return rows;
            },
            statements
        );

    /// <summary>What is made of the answers, one after the other, of those statements that have any.</summary>
    internal Task<T> Read<T>(
        Func<NpgsqlDataReader, Task<T>> read,
        params IReadOnlyList<NpgsqlBatchCommand> statements
    ) =>
        Run(
            statements,
            async batch =>
            {
                await using var reader = await batch.ExecuteReaderAsync();
                var result = await read(reader);
                // An error of a later statement, or of the commit, arrives only when the answer is read to its end.
                while (await reader.NextResultAsync()) { }

                return result;
            }
        );

    public ValueTask DisposeAsync()
    {
        _isClosed = true;
        return _source.DisposeAsync();
    }

    private async Task<T> Run<T>(IReadOnlyList<NpgsqlBatchCommand> statements, Func<NpgsqlBatch, Task<T>> execute)
    {
        try
        {
            await using var batch = _source.CreateBatch();
            foreach (var statement in statements)
                batch.BatchCommands.Add(statement);
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await execute(batch);
                }
                catch (PostgresException e) when (PostgresErrors.WasUndoneByAnother(e) && attempt < Attempts) { }
            }
        }
        catch (Exception e) when (_isClosed && e is ObjectDisposedException or NpgsqlException)
        {
            throw new StoreUnavailableException($"{Name} is closed: the node is shutting down.", e);
        }
        catch (PostgresException e) when (PostgresErrors.IsTheRows(e))
        {
            throw new ArgumentException($"The row cannot be written: {e.MessageText}", e);
        }
        catch (Exception e) when (PostgresErrors.IsTheDatabases(e))
        {
            throw new StoreUnavailableException(PostgresErrors.Explain(Name, e), e);
        }
    }
}
