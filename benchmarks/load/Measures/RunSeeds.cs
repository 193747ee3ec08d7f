using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>
/// Puts many runs at once into a run table of PostgreSQL: copies of one that a node has made, so that they are what a node
/// makes, whatever columns and settings that has.
/// </summary>
/// <remarks>To be used behind the back of a node that knows nothing of the jobs yet, or of none that runs.</remarks>
internal static class RunSeeds
{
    /// <summary>What is copied as it is.</summary>
    private const string Kept =
        "account, version, state, ends_as, attempt, previous_run_id, trigger_name, delay_notified_in, successor_due_at, "
        + "dpus, is_flex, executor_node, executor_epoch, state_detail, error_message, settings";

    /// <summary>
    /// Run @first to @last of each of the jobs @prefix00000 to @prefix(@jobs - 1), one after the other in time. What has ended
    /// did so in the past, each @apart before the next; what has not keeps its times, and with them its deadlines.
    /// </summary>
    private const string Copy = $"""
        INSERT INTO runs (
            id, job_name, ordinal, started_on, running_since, last_modified_on, completed_on, deadline_at, due_at, {Kept})
        SELECT
            'jr_' || encode(sha256(convert_to(name || '/' || n, 'UTF8')), 'hex'), name, n, started_on - ago,
            running_since - ago, last_modified_on - ago, completed_on - ago, deadline_at, due_at, {Kept}
        FROM (SELECT * FROM runs WHERE id = @template) template
        CROSS JOIN LATERAL (
            SELECT
                @prefix || lpad(job::text, 5, '0') AS name, n,
                CASE WHEN completed_on IS NULL THEN interval '0' ELSE @apart * (@last - n) END AS ago
            FROM generate_series(0, @jobs - 1) AS job, generate_series(@first, @last) AS n
        ) copies
        """;

    /// <summary>Of all runs and of the keys that nodes of benchmarks ask for.</summary>
    public const string Account = "000000000000";

    /// <summary>Between the ends of two runs of a job: a million take a day.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(100);

    /// <summary>As <see cref="Copy"/> has it.</summary>
    public static string JobName(string prefix, int number) => $"{prefix}{number:D5}";

    /// <summary>As <see cref="Copy"/> makes it.</summary>
    public static string RunId(string job, long ordinal) =>
        $"jr_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{job}/{ordinal}")))}";

    /// <param name="database">Connection string.</param>
    /// <param name="template">The id of the run that is copied, in the state that is wanted.</param>
    /// <param name="prefix">Of the jobs' names.</param>
    /// <param name="jobs">How many, at least 1. Their definitions are not made here.</param>
    /// <param name="first">Ordinal of the first run in each.</param>
    /// <param name="runs">How many in each.</param>
    /// <param name="cancellation">Of the measurement.</param>
    public static async Task CopyRun(
        string database,
        string template,
        string prefix,
        int jobs,
        long first,
        long runs,
        CancellationToken cancellation
    )
    {
        // Without a pool: a database with sessions in it can be no template of another.
        await using var source = Open(database);
        await using var copy = source.CreateCommand(Copy);
        copy.CommandTimeout = 0;
        copy.Parameters.AddWithValue("template", template);
        copy.Parameters.AddWithValue("prefix", prefix);
        copy.Parameters.AddWithValue("jobs", jobs);
        copy.Parameters.AddWithValue("first", first);
        copy.Parameters.AddWithValue("last", first + runs - 1);
        copy.Parameters.AddWithValue("apart", Apart);
        var made = await copy.ExecuteNonQueryAsync(cancellation);
        if (made != jobs * runs)
            throw new InvalidOperationException($"{made:N0} of {jobs * runs:N0} runs were made: is {template} there?");
    }

    /// <summary>What a table that has grown by itself has had by then: statistics, and no dead or unsettled rows to look at.</summary>
    public static async Task Settle(string database, CancellationToken cancellation)
    {
        await using var source = Open(database);
        await Execute(source, "VACUUM (ANALYZE) runs", cancellation);
        await Execute(source, "CHECKPOINT", cancellation);
    }

    /// <param name="source">Whose database.</param>
    /// <param name="statement">Without parameters; takes as long as it takes.</param>
    /// <param name="cancellation">Of the measurement.</param>
    public static async Task Execute(NpgsqlDataSource source, string statement, CancellationToken cancellation)
    {
        await using var command = source.CreateCommand(statement);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static NpgsqlDataSource Open(string database) =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { Pooling = false });
}
