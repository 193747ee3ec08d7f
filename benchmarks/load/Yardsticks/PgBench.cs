using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using GlueOrleans.Benchmarks.Load.Measuring;

namespace GlueOrleans.Benchmarks.Load.Yardsticks;

/// <summary>PostgreSQL's own load generator: each client inserts a row like the node's, and commits, and again.</summary>
/// <remarks>
/// Into a table of the same shape, with prepared statements. Ids are random and ordinals rise within a job, as the node's do, so
/// that the same pages of the same indexes are touched.
/// </remarks>
internal sealed partial class PgBench : IAsyncDisposable
{
    private const int MostSeconds = 30;

    /// <summary>What differs from row to row, for pgbench. <c>client_id</c> is its own.</summary>
    private static readonly Dictionary<string, string> OfEachRow = new(StringComparer.Ordinal)
    {
        ["id"] = "'jr_' || md5((:a)::text) || md5((:b)::text)",
        ["job_name"] = "'load-pgbench-' || to_char((:job)::integer, 'FM00000')",
        ["ordinal"] = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint * 1024 + (:client_id)::bigint",
    };

    private readonly string _program;
    private readonly RunTable _table;
    private readonly int _jobs;
    private readonly string _script = Path.Combine(Path.GetTempPath(), $"glue-load-{Guid.NewGuid():N}.sql");

    private PgBench(string program, RunTable table, int jobs) => (_program, _table, _jobs) = (program, table, jobs);

    /// <param name="table">Into which it inserts.</param>
    /// <param name="jobs">Over which it spreads the runs.</param>
    /// <returns><c>null</c>: it is not installed.</returns>
    public static async Task<PgBench?> Prepare(RunTable table, int jobs)
    {
        if (Find() is not { } program)
            return null;
        var pgbench = new PgBench(program, table, jobs);
        await File.WriteAllTextAsync(pgbench._script, pgbench.Script());
        return pgbench;
    }

    /// <summary>Commits a second.</summary>
    /// <param name="clients">At a time.</param>
    /// <param name="duration">Whole seconds.</param>
    /// <remarks>On a machine that others keep busy not one row may be committed in a second: then for longer.</remarks>
    public async Task<double> Rate(int clients, TimeSpan duration)
    {
        for (var seconds = (int)duration.TotalSeconds; ; seconds *= 2)
        {
            if (await Run(clients, seconds) is > 0 and var rate)
                return rate;
            if (seconds > MostSeconds)
                throw new CannotMeasureException($"pgbench has committed nothing in {seconds} s.");
        }
    }

    private async Task<double> Run(int clients, int seconds)
    {
        var connection = _table.Connection;
        List<string> words = ["--no-vacuum", "--protocol=prepared"];
        words.AddRange(["--client", Text(clients), "--jobs", Text(Math.Min(clients, Environment.ProcessorCount))]);
        words.AddRange(["--time", Text(seconds), "--file", _script]);
        words.AddRange([
            "--host",
            connection.Host!,
            "--port",
            Text(connection.Port),
            "--username",
            connection.Username!,
        ]);
        foreach (var (column, value) in Constants())
            words.AddRange(["--define", $"{column}={value}"]);
        words.Add(connection.Database!);
        using var process = Process.Start(
            new ProcessStartInfo(_program, words) { RedirectStandardOutput = true, RedirectStandardError = true }
        )!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new CannotMeasureException($"pgbench failed: {(await errors).Trim()}");
        // It gives no figure for no rows.
        var found = Figure().Match(output);
        return found.Success ? double.Parse(found.Groups["tps"].Value, CultureInfo.InvariantCulture) : 0;
    }

    public ValueTask DisposeAsync()
    {
        File.Delete(_script);
        return ValueTask.CompletedTask;
    }

    /// <summary>What is the same in all rows goes as a parameter, as any client would send it.</summary>
    private string Script()
    {
        var values = _table.Columns.Select(column =>
            OfEachRow.GetValueOrDefault(column) ?? (_table.Row[column] is null ? "NULL" : $":{column}")
        );
        return $"""
            \set a random(1, 9223372036854775806)
            \set b random(1, 9223372036854775806)
            \set job random(0, {Text(_jobs - 1)})
            INSERT INTO {RunTable.Name} ({string.Join(", ", _table.Columns)}) VALUES ({string.Join(", ", values)});
            """;
    }

    private IEnumerable<(string Column, string Value)> Constants() =>
        from column in _table.Columns
        where !OfEachRow.ContainsKey(column) && _table.Row[column] is not null
        select (column, _table.Row[column]!);

    /// <summary>Where deploy/postgres looks for the server.</summary>
    private static string? Find()
    {
        const string Installed = "/usr/lib/postgresql";
        var folders = new List<string>();
        if (Environment.GetEnvironmentVariable("GLUE_POSTGRES_BIN") is { Length: > 0 } given)
            folders.Add(given);
        folders.AddRange((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'));
        if (Directory.Exists(Installed))
        {
            folders.AddRange(
                Directory
                    .GetDirectories(Installed)
                    .OrderByDescending(folder => folder, StringComparer.Ordinal)
                    .Select(folder => Path.Combine(folder, "bin"))
            );
        }

        return folders.Select(folder => Path.Combine(folder, "pgbench")).FirstOrDefault(File.Exists);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^tps = (?<tps>[\d.]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Figure();
}
