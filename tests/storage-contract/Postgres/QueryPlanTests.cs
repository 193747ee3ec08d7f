using System.Reflection;
using GlueOrleans.Storage.Postgres;
using Npgsql;
using Xunit;

namespace GlueOrleans.Tests.StorageContract.Postgres;

/// <summary>
/// No read may cost more as the history grows. PostgreSQL drops a partial index without a word when a query spells its
/// condition differently; this is where that would be seen. Plans are asked for as they are of prepared statements, without
/// the values, and with statistics of a table in which most runs have ended.
/// </summary>
public sealed class QueryPlanTests(PostgresDatabaseFixture database)
    : IClassFixture<PostgresDatabaseFixture>,
        IAsyncLifetime
{
    public async ValueTask InitializeAsync()
    {
        if (await database.Ask<long>("SELECT count(*) FROM runs") > 0)
            return;
        await database.Execute(
            """
            INSERT INTO runs (id, account, job_name, ordinal, version, state, attempt, started_on, last_modified_on,
                              completed_on, due_at, successor_due_at, dpus, is_flex, executor_node, executor_epoch, settings)
            SELECT 'jr_' || i, '00000000000' || (i % 7), 'job-' || (i % 5), i, 1,
                   CASE WHEN i % 100 = 0 THEN 'WAITING' WHEN i % 50 = 0 THEN 'RUNNING' ELSE 'SUCCEEDED' END, 0, at, at,
                   CASE WHEN i % 50 <> 0 THEN at END, at, CASE WHEN i % 50 = 1 THEN at END, 1, false,
                   CASE WHEN i % 100 <> 0 THEN 'node-' || (i % 3) END, CASE WHEN i % 100 <> 0 THEN 1 END, '{}'
            FROM (SELECT i, to_timestamp(i) AS at FROM generate_series(1, 5000) i) n;
            INSERT INTO job_epochs SELECT '000000000000', 'job-' || i, 1 FROM generate_series(1, 2000) i;
            INSERT INTO account_epochs SELECT 'account-' || i, 1 FROM generate_series(1, 2000) i;
            INSERT INTO job_names SELECT '000000000000', 'job-' || i, i % 100 <> 0 FROM generate_series(1, 2000) i;
            INSERT INTO bookmark_heads SELECT '000000000000', 'job-' || i, 20, 0 FROM generate_series(1, 500) i;
            INSERT INTO bookmark_entries
            SELECT '000000000000', 'job-' || i, r, r, r, 0, 'jr_' || r, NULL, '{}'
            FROM generate_series(1, 500) i, generate_series(1, 20) r;
            ANALYZE
            """
        );
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public static TheoryData<string, string[]> Plans =>
        new()
        {
            { "RunSql.Find", ["runs_pkey (id =)"] },
            { "RunSql.FindMany", ["runs_pkey (id =)"] },
            { "RunSql.Save", ["runs_pkey (id =)"] },
            { "RunSql.SaveAdmission", ["runs_pkey (id =)", "job_epochs_pkey", "account_epochs_pkey"] },
            {
                "RunSql.SaveWithBookmark",
                [
                    "runs_pkey (id =)",
                    "bookmark_heads_pkey",
                    "bookmark_entries_pkey (account =, job_name =, revision <=)",
                ]
            },
            { "RunSql.Create", ["job_epochs_pkey (account =, job_name =)", "account_epochs_pkey (account =)"] },
            { "RunSql.SettleSuccessor", ["runs_pkey (id =)"] },
            { "RunSql.WhyNotCreated", ["runs_pkey (id =)", "job_epochs_pkey", "account_epochs_pkey"] },
            {
                "RunSql.WhyNotSaved",
                ["runs_pkey (id =)", "job_epochs_pkey", "account_epochs_pkey", "bookmark_heads_pkey"]
            },
            { "RunBatchSql.Create", ["job_epochs_pkey (account =, job_name =)", "account_epochs_pkey (account =)"] },
            {
                "RunBatchSql.Save",
                ["runs_pkey (id =)", "job_epochs_pkey (account =, job_name =)", "account_epochs_pkey (account =)"]
            },
            { "RunSql.ListByJob", ["runs_account_job_name_ordinal_key (account =, job_name =, ordinal <)"] },
            {
                "RunSql.LoadRoster",
                [
                    "runs_account_job_name_ordinal_key (account =, job_name =)",
                    "runs_unfinished_of_job (account =, job_name =)",
                    "runs_with_successor (account =, job_name =)",
                ]
            },
            { "RunSql.LoadAccountRoster", ["runs_unfinished_of_job (account =)"] },
            { "RunSql.LoadExecutorRoster", ["runs_unfinished_on_executor"] },
            { "RunSql.ListByExecutor", ["runs_unfinished_on_executor (executor_node =, id >)"] },
            { "RunSql.CountWaiting", ["runs_waiting (account =, job_name =, ordinal <)"] },
            { "RunSql.ListJobsToTend", ["runs_waiting (account, job_name >)", "runs_with_successor"] },
            { "RunSql.ListUnfinished", ["runs_unfinished (id >)"] },
            { "RunSql.ListOverdue", ["runs_due (due_at <=)"] },
            { "RunSql.ListEndedBefore", ["runs_ended (completed_on <, completed_on, id >)"] },
            { "RunSql.Remove", ["runs_pkey (id =)"] },
            { "LeaseSql.ListStranded", ["runs_unfinished (id >)"] },
            { "BookmarkSql.Read", ["bookmark_heads_pkey (account =, job_name =)", "bookmark_entries_pkey (account ="] },
            {
                "BookmarkSql.Append",
                ["bookmark_heads_pkey", "bookmark_entries_pkey (account =, job_name =, revision <=)"]
            },
            { "BookmarkSql.FindByRun", ["bookmark_entries_by_run (account =, job_name =, run_id =)"] },
            { "BookmarkSql.FindByVersion", ["bookmark_entries_by_version (account =, job_name =, version =)"] },
            { "BookmarkSql.List", ["bookmark_entries_pkey (account =, job_name =, revision <)"] },
            { "BookmarkSql.DeleteAll", ["(account =, job_name =)"] },
            { "JobNameSql.ListNames", ["job_names_pkey (account =, name >)"] },
            { "JobNameSql.ListUnsettled", ["job_names_unsettled"] },
            { "JobNameSql.Remove", ["job_names_pkey (account =, name =)"] },
            { "JobNameSql.TryPutUnsettled", ["job_names_pkey (account =, name =)", "job_names_pkey (account =)"] },
        };

    [Theory]
    [MemberData(nameof(Plans))]
    public async Task A_statement_uses_its_index_and_neither_scans_nor_sorts(string statement, string[] indexes)
    {
        var plan = await Explain(Named(statement));

        var text = string.Join('\n', plan);
        Assert.DoesNotContain("Seq Scan on", text.Replace("Seq Scan on executor_nodes", "", StringComparison.Ordinal));
        // Merging two sorted lists, or numbering the ids of one call, sorts what is in hand.
        if (statement is not ("RunSql.ListJobsToTend" or "RunSql.Remove"))
            Assert.DoesNotContain("Sort", text, StringComparison.Ordinal);
        var scans = Scans(plan);
        foreach (var index in indexes)
            Assert.True(
                scans.Any(scan => scan.Contains(index, StringComparison.Ordinal)),
                $"{statement} should use {index}; it uses {string.Join(" | ", scans)}:\n{text}"
            );
    }

    [Fact]
    public void Every_statement_over_what_grows_is_looked_at()
    {
        var unlike = new HashSet<string>(StringComparer.Ordinal)
        {
            // They insert one row, under a unique key.
            "RunSql.EnsureJobEpoch",
            "RunSql.EnsureAccountEpoch",
            "RunSql.ClaimEpoch",
            "RunSql.ClaimAccountEpoch",
            "BookmarkSql.EnsureHead",
            // It reads nothing.
            "RunBatchSql.ByIndex",
            "BookmarkSql.Invalidate",
            "JobNameSql.Put",
            "JobNameSql.LockAccount",
        };
        var all = new[] { typeof(RunSql), typeof(RunBatchSql), typeof(BookmarkSql), typeof(JobNameSql) }.SelectMany(
            type =>
                type.GetFields(BindingFlags.Static | BindingFlags.NonPublic)
                    .Where(field => field.FieldType == typeof(Statement))
                    .Select(field => $"{type.Name}.{field.Name}")
        );

        Assert.Empty(all.Except(Plans.Select(row => row.Data.Item1)).Except(unlike));
    }

    private static Statement Named(string name) =>
        (Statement)
            typeof(RunSql)
                .Assembly.GetType($"{typeof(RunSql).Namespace}.{name.Split('.')[0]}")!
                .GetField(name.Split('.')[1], BindingFlags.Static | BindingFlags.NonPublic)!
                .GetValue(null)!;

    /// <summary>"index (column operator, …)" of each index scan.</summary>
    private static List<string> Scans(List<string> plan)
    {
        List<string> scans = [];
        foreach (var line in plan.Select(line => line.Trim()))
        {
            if (line.Contains(" using ", StringComparison.Ordinal))
                scans.Add(line.Split(" using ")[1].Split(' ')[0]);
            else if (line.Contains("Bitmap Index Scan on ", StringComparison.Ordinal))
                scans.Add(line.Split("Bitmap Index Scan on ")[1].Split(' ')[0]);
            else if (line.StartsWith("Index Cond: ", StringComparison.Ordinal))
                scans[^1] += $" ({Columns(line["Index Cond: ".Length..])})";
        }

        return scans;

        // "((account = $1) AND (ROW(a, b) > ROW($2, $3)))" becomes "account =, a, b >".
        static string Columns(string condition) =>
            string.Join(
                ", ",
                condition
                    .Split(" AND ")
                    .Select(part => part.Replace("ROW", "", StringComparison.Ordinal).Trim('(', ')'))
                    .Select(part => part.Split([" $", " (", " ANY", " e.", " n.", " node.", " ended."], 2, default)[0])
                    .Select(part =>
                        part.Replace("(", "", StringComparison.Ordinal).Replace(")", "", StringComparison.Ordinal)
                    )
            );
    }

    private async Task<List<string>> Explain(Statement statement)
    {
        // A connection that is not used again: what is set on it stays.
        await using var connection = new NpgsqlConnection(database.ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await Execute(connection, "SET plan_cache_mode = force_generic_plan");
        await Execute(connection, "SET enable_seqscan = off");
        await Execute(connection, $"PREPARE asked AS {statement.Text}");
        var values = string.Join(", ", Enumerable.Repeat("NULL", statement.ParameterCount));
        await using var command = new NpgsqlCommand(
            "EXPLAIN (COSTS OFF) EXECUTE asked" + (values.Length > 0 ? $"({values})" : ""),
            connection
        );
        await using var reader = await command.ExecuteReaderAsync();
        List<string> lines = [];
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        return lines;
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
