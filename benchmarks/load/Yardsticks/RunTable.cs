using GlueOrleans.Benchmarks.Load.Measuring;
using Npgsql;

namespace GlueOrleans.Benchmarks.Load.Yardsticks;

/// <summary>A table with the columns, constraints and indexes of a node's run table, in a schema of its own; and a row of the
/// node's, to be inserted again and again.</summary>
internal sealed class RunTable
{
    public const string Name = "yardstick.runs";

    private RunTable(NpgsqlConnectionStringBuilder connection, IReadOnlyDictionary<string, string?> row) =>
        (Connection, Row) = (connection, row);

    public NpgsqlConnectionStringBuilder Connection { get; }

    public IReadOnlyList<string> Columns => [.. Row.Keys];

    /// <summary>That of a run which is RUNNING, as texts that PostgreSQL takes for its columns' types; <c>null</c>: NULL.</summary>
    public IReadOnlyDictionary<string, string?> Row { get; }

    /// <param name="database">Npgsql's connection string: of a node that has started a run.</param>
    public static async Task<RunTable> Create(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using (
            var create = source.CreateCommand($"CREATE SCHEMA yardstick; CREATE TABLE {Name} (LIKE runs INCLUDING ALL)")
        )
        {
            await create.ExecuteNonQueryAsync();
        }

        var columns = await ColumnsOf(source);
        await using var command = source.CreateCommand(
            $"SELECT {string.Join(", ", columns.Select(c => $"{c}::text"))} FROM runs WHERE executor_node IS NOT NULL ORDER BY completed_on NULLS FIRST LIMIT 1"
        );
        await using var reader = await command.ExecuteReaderAsync();
        if (!await reader.ReadAsync())
            throw new CannotMeasureException("None of the node's runs has begun.");
        var row = columns
            .Select((column, i) => (column, Value: reader.IsDBNull(i) ? null : reader.GetString(i)))
            .ToDictionary(one => one.column, one => one.Value);
        BeRunning(row);
        return new RunTable(new NpgsqlConnectionStringBuilder(database), row);
    }

    private static async Task<List<string>> ColumnsOf(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("SELECT * FROM runs LIMIT 0");
        await using var reader = await command.ExecuteReaderAsync();
        return [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
    }

    /// <summary>Also where runs end at once: it stands in all indexes that an unfinished run stands in.</summary>
    private static void BeRunning(Dictionary<string, string?> row)
    {
        row["state"] = "RUNNING";
        row["completed_on"] = null;
        row["state_detail"] = null;
        row["running_since"] ??= row["started_on"];
        row["deadline_at"] ??= row["started_on"];
        row["due_at"] ??= row["started_on"];
    }
}
