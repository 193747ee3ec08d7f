using Npgsql;

namespace GlueOrleans.Benchmarks.Node;

/// <summary>Rows like one that the node has written: the same values, but for what has to be unique.</summary>
internal sealed class InsertedRows : IAsyncDisposable
{
    private static readonly string[] OfEachRow = ["id", "job_name", "ordinal"];

    private readonly NpgsqlDataSource _source;
    private readonly string _insert;
    private readonly List<object> _others;

    /// <summary>Higher than those of any process before.</summary>
    private long _ordinal = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;

    private InsertedRows(NpgsqlDataSource source, string insert, List<object> others) =>
        (_source, _insert, _others) = (source, insert, others);

    public static async Task<InsertedRows> Open(string database, CancellationToken cancellation)
    {
        var settings = new NpgsqlConnectionStringBuilder(database)
        {
            // The statement is planned once, as in pgbench's "prepared".
            MaxAutoPrepare = 4,
            AutoPrepareMinUsages = 1,
            // As the node has it.
            NoResetOnClose = true,
        };
        var source = NpgsqlDataSource.Create(settings);
        await using var command = source.CreateCommand(
            "SELECT * FROM runs WHERE executor_node IS NOT NULL ORDER BY completed_on NULLS FIRST LIMIT 1"
        );
        await using var row = await command.ExecuteReaderAsync(cancellation);
        if (!await row.ReadAsync(cancellation))
            throw new InvalidOperationException("No run has begun: start one first.");
        var others = Enumerable.Range(0, row.FieldCount).Where(i => !OfEachRow.Contains(row.GetName(i))).ToList();
        var columns = OfEachRow.Concat(others.Select(row.GetName)).ToList();
        var insert =
            $"INSERT INTO yardstick.runs ({string.Join(", ", columns)}) "
            + $"VALUES ({string.Join(", ", Enumerable.Range(1, columns.Count).Select(i => $"${i}"))})";
        return new InsertedRows(source, insert, [.. others.Select(i => Running(row, row.GetName(i)))]);
    }

    /// <summary>Also where runs end at once: it stands in all indexes that an unfinished run stands in.</summary>
    private static object Running(NpgsqlDataReader row, string column) =>
        column switch
        {
            "state" => "RUNNING",
            "completed_on" or "state_detail" => DBNull.Value,
            "running_since" or "deadline_at" or "due_at" when row[column] is DBNull => row["started_on"],
            _ => row[column],
        };

    public async Task<string> Insert(string job)
    {
        var id = $"jr_{Guid.NewGuid():N}{Guid.NewGuid():N}";
        await using var command = _source.CreateCommand(_insert);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = job });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = Interlocked.Increment(ref _ordinal) });
        foreach (var value in _others)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync();
        return id;
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
