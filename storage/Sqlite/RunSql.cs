namespace GlueOrleans.Storage.Sqlite;

/// <summary>The statements over the run table. A test asks SQLite which index each read uses.</summary>
internal static class RunSql
{
    internal const string Create = """
        INSERT INTO runs (
            account, job_name, id, ordinal, version, state, ends_as, attempt, previous_run_id, started_on, running_since,
            last_modified_on, completed_on, due_at, error_message, settings)
        SELECT
            @account, @job, @id, @ordinal, @version, @state, @endsAs, @attempt, @previous, @startedOn, @runningSince,
            @lastModifiedOn, @completedOn, @dueAt, @error, @settings
        WHERE COALESCE((SELECT epoch FROM job_epochs WHERE account = @account AND job_name = @job), 0) = @epoch
        ON CONFLICT DO NOTHING
        """;

    internal const string ClaimEpoch = """
        INSERT INTO job_epochs (account, job_name, epoch) VALUES (@account, @job, 1)
        ON CONFLICT DO UPDATE SET epoch = epoch + 1
        RETURNING epoch
        """;

    internal const string Epoch = "SELECT epoch FROM job_epochs WHERE account = @account AND job_name = @job";

    internal const string Save = """
        UPDATE runs SET
            version = @version, state = @state, ends_as = @endsAs, started_on = @startedOn, running_since = @runningSince,
            last_modified_on = @lastModifiedOn, completed_on = @completedOn, due_at = @dueAt, error_message = @error
        WHERE id = @id AND version = @expected
        """;

    internal const string Exists = "SELECT 1 FROM runs WHERE id = @id";

    internal const string Find = $"SELECT {RunRow.Columns} FROM runs WHERE id = @id";

    internal const string ListByJob = $"""
        SELECT {RunRow.Columns} FROM runs
        WHERE account = @account AND job_name = @job AND ordinal < @before
        ORDER BY ordinal DESC LIMIT @limit
        """;

    /// <summary>One statement, so that both halves see the same commit: first the last ordinal (its id is null), then
    /// the runs that hold a slot.</summary>
    internal const string LoadRoster = """
        SELECT (SELECT ordinal FROM runs WHERE account = @account AND job_name = @job ORDER BY ordinal DESC LIMIT 1), NULL
        UNION ALL
        SELECT ordinal, id FROM runs
        WHERE account = @account AND job_name = @job AND completed_on IS NULL AND state <> 'WAITING'
        """;

    internal const string ListUnfinished = """
        SELECT id FROM runs WHERE completed_on IS NULL AND id > @after ORDER BY id LIMIT @limit
        """;

    internal const string ListOverdue = """
        SELECT id FROM runs
        WHERE completed_on IS NULL AND due_at IS NOT NULL AND due_at <= @now
        ORDER BY due_at, id LIMIT @limit
        """;
}
