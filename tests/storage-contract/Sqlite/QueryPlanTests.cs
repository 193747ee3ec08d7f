using GlueOrleans.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Xunit;

namespace GlueOrleans.Tests.StorageContract.Sqlite;

/// <summary>
/// No read may cost more as the history grows. SQLite drops a partial index without a word when a query spells its
/// condition differently; this is where that would be seen.
/// </summary>
public sealed class QueryPlanTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private SqliteStorage _storage = null!;

    public ValueTask InitializeAsync()
    {
        _storage = _folder.Open();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _storage.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(nameof(RunSql.Find), RunSql.Find, "sqlite_autoindex_runs_1 (id=?)")]
    [InlineData(nameof(RunSql.Exists), RunSql.Exists, "sqlite_autoindex_runs_1 (id=?)")]
    [InlineData(nameof(RunSql.Save), RunSql.Save, "sqlite_autoindex_runs_1 (id=?)")]
    [InlineData(
        nameof(RunSql.ListByJob),
        RunSql.ListByJob,
        "sqlite_autoindex_runs_2 (account=? AND job_name=? AND ordinal<?)"
    )]
    [InlineData(
        nameof(RunSql.LoadRoster),
        RunSql.LoadRoster,
        "sqlite_autoindex_runs_2 (account=? AND job_name=?)",
        "runs_unfinished_of_job (account=? AND job_name=?)",
        "runs_with_successor (account=? AND job_name=? AND successor_due_at>?)"
    )]
    [InlineData(nameof(RunSql.LoadAccountRoster), RunSql.LoadAccountRoster, "runs_unfinished_of_job (account=?)")]
    [InlineData(
        nameof(RunSql.CountWaiting),
        RunSql.CountWaiting,
        "runs_waiting (account=? AND job_name=? AND ordinal<?)"
    )]
    [InlineData(nameof(RunSql.SaveAdmission), RunSql.SaveAdmission, "sqlite_autoindex_runs_1 (id=?)")]
    [InlineData(nameof(RunSql.SettleSuccessor), RunSql.SettleSuccessor, "sqlite_autoindex_runs_1 (id=?)")]
    [InlineData(nameof(RunSql.Version), RunSql.Version, "sqlite_autoindex_runs_1 (id=?)")]
    [InlineData(
        nameof(RunSql.Epochs),
        RunSql.Epochs,
        "job_epochs USING PRIMARY KEY (account=? AND job_name=?)",
        "account_epochs USING PRIMARY KEY (account=?)"
    )]
    [InlineData(nameof(RunSql.ListUnfinished), RunSql.ListUnfinished, "runs_unfinished (id>?)")]
    [InlineData(nameof(RunSql.ListOverdue), RunSql.ListOverdue, "runs_due (due_at>? AND due_at<?)")]
    [InlineData(
        nameof(RunSql.ListEndedBefore),
        RunSql.ListEndedBefore,
        "runs_ended ((completed_on,id)>(?,?) AND completed_on<?)"
    )]
    [InlineData(nameof(RunSql.Remove), RunSql.Remove, "sqlite_autoindex_runs_1 (id=?)")]
    [InlineData(nameof(JobNameSql.ListNames), JobNameSql.ListNames, "PRIMARY KEY (account=? AND name>?)")]
    [InlineData(
        nameof(JobNameSql.TryPutUnsettled),
        JobNameSql.TryPutUnsettled,
        "PRIMARY KEY (account=? AND name=?)",
        "PRIMARY KEY (account=?)"
    )]
    [InlineData(
        nameof(BookmarkSql.Read),
        BookmarkSql.Read,
        "PRIMARY KEY (account=? AND job_name=?)",
        "sqlite_autoindex_bookmark_entries_1 (account=? AND job_name=? AND revision=?) LEFT-JOIN"
    )]
    [InlineData(
        nameof(BookmarkSql.FindByRun),
        BookmarkSql.FindByRun,
        "bookmark_entries_by_run (account=? AND job_name=? AND run_id=?)"
    )]
    [InlineData(
        nameof(BookmarkSql.FindByVersion),
        BookmarkSql.FindByVersion,
        "bookmark_entries_by_version (account=? AND job_name=? AND version=?)"
    )]
    [InlineData(
        nameof(BookmarkSql.List),
        BookmarkSql.List,
        "sqlite_autoindex_bookmark_entries_1 (account=? AND job_name=? AND revision<?)"
    )]
    [InlineData(
        nameof(BookmarkSql.DeleteUpTo),
        BookmarkSql.DeleteUpTo,
        "sqlite_autoindex_bookmark_entries_1 (account=? AND job_name=? AND revision<?)"
    )]
    [InlineData(nameof(JobNameSql.Remove), JobNameSql.Remove, "PRIMARY KEY (account=? AND name=?)")]
    public async Task A_statement_uses_its_index_and_neither_scans_nor_sorts(
        string statement,
        string sql,
        params string[] indexes
    )
    {
        var plan = await Explain(sql);

        Assert.All(plan, step => Assert.DoesNotContain("SCAN runs", step, StringComparison.Ordinal));
        Assert.All(plan, step => Assert.DoesNotContain("SCAN job_names", step, StringComparison.Ordinal));
        Assert.All(plan, step => Assert.DoesNotContain("SCAN bookmark", step, StringComparison.Ordinal));
        Assert.All(plan, step => Assert.DoesNotContain("TEMP B-TREE", step, StringComparison.Ordinal));
        foreach (var index in indexes)
            Assert.True(
                plan.Any(step => step.EndsWith(index, StringComparison.Ordinal)),
                $"{statement} should use {index}; its plan is: {string.Join(" | ", plan)}"
            );
    }

    [Fact]
    public async Task Unsettled_names_are_read_from_an_index_that_holds_nothing_else()
    {
        var step = Assert.Single(await Explain(JobNameSql.ListUnsettled));

        Assert.Contains("INDEX job_names_unsettled", step, StringComparison.Ordinal);
    }

    /// <summary>
    /// Which jobs have something to do comes from two indexes, merged as they are read: nothing is sorted. Besides them it
    /// reads the rows of runs that wait. Both indexes hold nothing but such runs and those that owe a successor, and these
    /// are few: an account's queue is bounded, and a successor is owed for the length of a pause or of a wait for a slot.
    /// With statistics SQLite may skip through the second one by when the successor is due, instead of by job.
    /// </summary>
    [Fact]
    public async Task The_jobs_to_tend_are_read_from_indexes_of_what_is_to_be_done()
    {
        var plan = await Explain(RunSql.ListJobsToTend);
        var text = string.Join(" | ", plan);

        Assert.Equal(2, plan.Count(step => step.Contains(" runs ", StringComparison.Ordinal)));
        Assert.True(plan.Any(step => IsSearch(step, "runs_waiting ((account,job_name)>(?,?))")), text);
        Assert.True(plan.Any(step => IsSearch(step, "runs_with_successor (")), text);
        Assert.True(plan.All(step => !step.Contains("TEMP B-TREE", StringComparison.Ordinal)), text);

        static bool IsSearch(string step, string index) =>
            step.StartsWith("SEARCH runs USING ", StringComparison.Ordinal)
            && step.Contains($"INDEX {index}", StringComparison.Ordinal);
    }

    /// <summary>Statistics could change SQLite's mind. The plans must hold with them as well.</summary>
    [Fact]
    public async Task The_plans_hold_when_the_database_has_been_analyzed()
    {
        await _storage.Database.Write(session =>
        {
            session.Execute(
                """
                WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
                INSERT INTO runs (id, account, job_name, ordinal, version, state, attempt, started_on, last_modified_on,
                                  completed_on, due_at, successor_due_at, dpus, is_flex, settings)
                SELECT 'jr_' || i, '000000000000', 'job-' || (i % 5), i, 1,
                       iif(i % 50 = 0, iif(i % 100 = 0, 'WAITING', 'RUNNING'), 'SUCCEEDED'), 0, i, i,
                       iif(i % 50 = 0, NULL, i), i, iif(i % 50 = 1, i, NULL), 1, 0, '{}'
                FROM n
                """
            );
            session.Execute("ANALYZE");
            return 0;
        });
        await _storage.DisposeAsync();
        _storage = _folder.Open();

        await A_statement_uses_its_index_and_neither_scans_nor_sorts("ListUnfinished", RunSql.ListUnfinished, "(id>?)");
        await A_statement_uses_its_index_and_neither_scans_nor_sorts(
            "ListOverdue",
            RunSql.ListOverdue,
            "runs_due (due_at>? AND due_at<?)"
        );
        await A_statement_uses_its_index_and_neither_scans_nor_sorts(
            "LoadRoster",
            RunSql.LoadRoster,
            "runs_unfinished_of_job (account=? AND job_name=?)",
            "runs_with_successor (account=? AND job_name=? AND successor_due_at>?)"
        );
        await A_statement_uses_its_index_and_neither_scans_nor_sorts(
            "LoadAccountRoster",
            RunSql.LoadAccountRoster,
            "runs_unfinished_of_job (account=?)"
        );
        await A_statement_uses_its_index_and_neither_scans_nor_sorts(
            "CountWaiting",
            RunSql.CountWaiting,
            "runs_waiting (account=? AND job_name=? AND ordinal<?)"
        );
        await The_jobs_to_tend_are_read_from_indexes_of_what_is_to_be_done();
        await A_statement_uses_its_index_and_neither_scans_nor_sorts(
            "ListEndedBefore",
            RunSql.ListEndedBefore,
            "runs_ended ((completed_on,id)>(?,?) AND completed_on<?)"
        );
        await A_statement_uses_its_index_and_neither_scans_nor_sorts("Remove", RunSql.Remove, "(id=?)");
        await A_statement_uses_its_index_and_neither_scans_nor_sorts("ListByJob", RunSql.ListByJob, "ordinal<?)");
    }

    private Task<List<string>> Explain(string sql) =>
        Task.Run(() =>
        {
            using var connection = SqliteFile.Open(_folder.Options.RunsFile);
            using var command = connection.CreateCommand();
            command.CommandText = "EXPLAIN QUERY PLAN " + sql;
            foreach (var name in sql.Split('@').Skip(1).Select(text => new string([.. text.TakeWhile(char.IsLetter)])))
            {
                if (!command.Parameters.Contains("@" + name))
                    command.Parameters.Add(new SqliteParameter("@" + name, 1L));
            }

            using var reader = command.ExecuteReader();
            var steps = new List<string>();
            while (reader.Read())
                steps.Add(reader.GetString(3));
            return steps;
        });
}
