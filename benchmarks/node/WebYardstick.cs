using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GlueOrleans.Benchmarks.Node;

/// <summary>What somebody would write who wants nothing but speed: no checks, no signatures, no state but the table.</summary>
internal static class WebYardstick
{
    /// <summary>Serves until it is told to stop. Prints one line when it answers, with its URL at the end.</summary>
    /// <param name="urls">Where.</param>
    /// <param name="database">Where a request inserts a row; <c>null</c>: it does nothing.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<int> Serve(string urls, string? database, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.Urls.Add(urls);
        await using var rows = database is null ? null : await InsertedRows.Open(database, cancellation);
        if (rows is null)
            app.MapPost("/", static () => Results.Ok());
        else
            app.MapPost("/", context => Start(context, rows));
        await app.StartAsync(cancellation);
        Console.WriteLine($"GlueOrleans serves a yardstick on {app.Urls.First()}");
        await app.WaitForShutdownAsync(cancellation);
        return 0;
    }

    private static async Task Start(HttpContext context, InsertedRows rows)
    {
        using var request = await JsonDocument.ParseAsync(context.Request.Body);
        var id = await rows.Insert(request.RootElement.GetProperty("JobName").GetString()!);
        context.Response.ContentType = "application/x-amz-json-1.1";
        // Its length is known, as that of the node's answers is.
        var body = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["JobRunId"] = id });
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body);
    }

    /// <summary>Rows like one that the node has written: the same values, but for what has to be unique.</summary>
    private sealed class InsertedRows : IAsyncDisposable
    {
        private static readonly string[] OfEachRow = ["id", "job_name", "ordinal"];

        private readonly NpgsqlDataSource _source;
        private readonly string _insert;
        private readonly List<object> _others;
        private long _ordinal;

        private InsertedRows(NpgsqlDataSource source, string insert, List<object> others) =>
            (_source, _insert, _others) = (source, insert, others);

        public static async Task<InsertedRows> Open(string database, CancellationToken cancellation)
        {
            var settings = new NpgsqlConnectionStringBuilder(database)
            {
                // The statement is planned once, as in pgbench's "prepared".
                MaxAutoPrepare = 4,
                AutoPrepareMinUsages = 1,
            };
            var source = NpgsqlDataSource.Create(settings);
            await using var command = source.CreateCommand("SELECT * FROM runs WHERE completed_on IS NULL LIMIT 1");
            await using var row = await command.ExecuteReaderAsync(cancellation);
            if (!await row.ReadAsync(cancellation))
                throw new InvalidOperationException("The table runs is empty: start a run first.");
            var others = Enumerable.Range(0, row.FieldCount).Where(i => !OfEachRow.Contains(row.GetName(i))).ToList();
            var columns = OfEachRow.Concat(others.Select(row.GetName)).ToList();
            var insert =
                $"INSERT INTO yardstick.runs ({string.Join(", ", columns)}) "
                + $"VALUES ({string.Join(", ", Enumerable.Range(1, columns.Count).Select(i => $"${i}"))})";
            return new InsertedRows(source, insert, [.. others.Select(row.GetValue)]);
        }

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
}
