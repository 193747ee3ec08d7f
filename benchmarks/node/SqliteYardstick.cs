using System.Diagnostics;
using System.Globalization;
using GlueOrleans.Storage.Sqlite;

namespace GlueOrleans.Benchmarks.Node;

/// <summary>One INSERT and commit per call on SQLite, with the node's own schema, connection and durability settings.</summary>
/// <remarks>
/// All callers share a connection, one at a time: SQLite has one writer. With a connection for each they would wait for its lock
/// by polling, and get less.
/// </remarks>
internal static class SqliteYardstick
{
    public static async Task<int> Run(string from, string file, int callers, TimeSpan duration)
    {
        var (columns, values) = RowOf(from);
        SqliteSchema.PrepareRuns(file);
        using var session = SqliteSession.ForWriting(file);
        var insert =
            $"INSERT INTO runs ({string.Join(", ", columns)}) "
            + $"VALUES ({string.Join(", ", columns.Select(column => $"@{column}"))})";
        var (idAt, ordinalAt) = (columns.IndexOf("id"), columns.IndexOf("ordinal"));
        var parameters = columns.Zip(values, (column, value) => ($"@{column}", value)).ToArray();
        var ordinal = 0L;
        var gate = new Lock();

        // What is compiled and cached at first is not what is measured.
        await Calls(TimeSpan.FromSeconds(0.5));
        var before = ordinal;
        var begunAt = Stopwatch.GetTimestamp();
        await Calls(duration);
        var rate = (ordinal - before) / Stopwatch.GetElapsedTime(begunAt).TotalSeconds;
        await Console.Out.WriteLineAsync(rate.ToString("F1", CultureInfo.InvariantCulture));
        return 0;

        Task Calls(TimeSpan lasting)
        {
            var begun = Stopwatch.GetTimestamp();
            return Task.WhenAll(
                Enumerable
                    .Range(0, callers)
                    .Select(_ =>
                        Task.Factory.StartNew(
                            () =>
                            {
                                while (Stopwatch.GetElapsedTime(begun) < lasting)
                                    Insert();
                            },
                            CancellationToken.None,
                            TaskCreationOptions.LongRunning,
                            TaskScheduler.Default
                        )
                    )
            );
        }

        void Insert()
        {
            var id = $"jr_{Guid.NewGuid():N}{Guid.NewGuid():N}";
            lock (gate)
            {
                parameters[idAt].value = id;
                parameters[ordinalAt].value = ++ordinal;
                session.Execute(insert, parameters);
            }
        }
    }

    /// <summary>One that the node has written.</summary>
    private static (List<string> Columns, List<object?> Values) RowOf(string from)
    {
        using var session = SqliteSession.ForReading(from);
        var columns = session.Query("SELECT name FROM pragma_table_info('runs')", row => row.GetString(0));
        var rows = session.Query(
            $"SELECT {string.Join(", ", columns)} FROM runs WHERE completed_on IS NULL LIMIT 1",
            row => Enumerable.Range(0, row.FieldCount).Select(i => row.IsDBNull(i) ? null : row.GetValue(i)).ToList()
        );
        return rows is [var values]
            ? (columns, values)
            : throw new InvalidOperationException($"The table runs of {from} is empty: start a run first.");
    }
}
