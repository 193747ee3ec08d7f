namespace GlueOrleans.Storage.Sqlite;

/// <summary>The statements over the run table. A test asks SQLite which index each read uses.</summary>
internal static class RunSql
{
    /// <summary>The epochs are the current ones. 0 is the epoch of which none was claimed.</summary>
    private const string UnderCurrentEpochs = """
        COALESCE((SELECT epoch FROM job_epochs WHERE account = @account AND job_name = @job), 0) = @jobEpoch
        AND COALESCE((SELECT epoch FROM account_epochs WHERE account = @account), 0)
            = COALESCE(@accountEpoch, (SELECT epoch FROM account_epochs WHERE account = @account), 0)
        """;

    internal const string Create = $"""
        INSERT INTO runs (
            account, job_name, id, ordinal, version, state, ends_as, attempt, previous_run_id, trigger_name, started_on,
            running_since, last_modified_on, completed_on, deadline_at, due_at, delay_notified_in, successor_due_at, dpus,
            is_flex, state_detail, error_message, settings, executor_node, executor_epoch)
        SELECT
            @account, @job, @id, @ordinal, @version, @state, @endsAs, @attempt, @previous, @trigger, @startedOn,
            @runningSince, @lastModifiedOn, @completedOn, @deadlineAt, @dueAt, @delayNotifiedIn, @successorDueAt, @dpus,
            @isFlex, @stateDetail, @error, @settings, @executorNode, @executorEpoch
        WHERE {UnderCurrentEpochs}
        ON CONFLICT DO NOTHING
        """;

    internal const string SettleSuccessor = """
        UPDATE runs SET successor_due_at = NULL
        WHERE id = @previous AND account = @account AND job_name = @job AND successor_due_at IS NOT NULL
        """;

    internal const string ClaimEpoch = """
        INSERT INTO job_epochs (account, job_name, epoch) VALUES (@account, @job, 1)
        ON CONFLICT DO UPDATE SET epoch = epoch + 1
        RETURNING epoch
        """;

    internal const string ClaimAccountEpoch = """
        INSERT INTO account_epochs (account, epoch) VALUES (@account, 1)
        ON CONFLICT DO UPDATE SET epoch = epoch + 1
        RETURNING epoch
        """;

    internal const string Epochs = """
        SELECT
            COALESCE((SELECT epoch FROM job_epochs WHERE account = @account AND job_name = @job), 0),
            COALESCE((SELECT epoch FROM account_epochs WHERE account = @account), 0)
        """;

    internal const string Save = """
        UPDATE runs SET
            version = @version, state = @state, ends_as = @endsAs, started_on = @startedOn, running_since = @runningSince,
            last_modified_on = @lastModifiedOn, completed_on = @completedOn, deadline_at = @deadlineAt, due_at = @dueAt,
            delay_notified_in = @delayNotifiedIn, successor_due_at = @successorDueAt, state_detail = @stateDetail,
            error_message = @error, executor_node = @executorNode, executor_epoch = @executorEpoch
        WHERE id = @id AND version = @expected
        """;

    internal const string SaveAdmission = $"{Save} AND {UnderCurrentEpochs}";

    internal const string Version = "SELECT version FROM runs WHERE id = @id";

    internal const string Exists = "SELECT 1 FROM runs WHERE id = @id";

    internal const string Find = $"SELECT {RunRow.Columns} FROM runs WHERE id = @id";

    internal const string ListByJob = $"""
        SELECT {RunRow.Columns} FROM runs
        WHERE account = @account AND job_name = @job AND ordinal < @before
        ORDER BY ordinal DESC LIMIT @limit
        """;

    /// <summary>One statement, so that its parts see the same commit: the last ordinal (its id is null), the runs that have
    /// not ended, and those that owe a successor (<c>OWED</c>, with when it is due).</summary>
    internal const string LoadRoster = """
        SELECT 'LAST', NULL,
            (SELECT ordinal FROM runs WHERE account = @account AND job_name = @job ORDER BY ordinal DESC LIMIT 1),
            0, 0, 0, NULL
        UNION ALL
        SELECT state, id, ordinal, dpus, is_flex, started_on, state_detail FROM runs
        WHERE account = @account AND job_name = @job AND completed_on IS NULL
        UNION ALL
        SELECT 'OWED', id, ordinal, 0, 0, successor_due_at, NULL FROM runs
        WHERE account = @account AND job_name = @job AND successor_due_at IS NOT NULL
        """;

    internal const string LoadAccountRoster = """
        SELECT id, state, dpus, is_flex FROM runs WHERE account = @account AND completed_on IS NULL
        """;

    /// <remarks>Of the unfinished ones only those that wait hold no slot, and they are placed nowhere.</remarks>
    internal const string LoadExecutorRoster = """
        SELECT id, executor_node, executor_epoch, dpus FROM runs
        WHERE completed_on IS NULL AND executor_node IS NOT NULL
        """;

    internal const string ListByExecutor = """
        SELECT id, state, executor_node, executor_epoch FROM runs
        WHERE completed_on IS NULL AND executor_node = @node AND id > @after
        ORDER BY id LIMIT @limit
        """;

    internal const string CountWaiting = """
        SELECT COUNT(*) FROM runs WHERE account = @account AND job_name = @job AND state = 'WAITING' AND ordinal < @below
        """;

    /// <remarks>Both halves walk an index that holds nothing but what they are after.</remarks>
    internal const string ListJobsToTend = """
        SELECT account, job_name FROM (
            SELECT account, job_name FROM runs
            WHERE state = 'WAITING' AND (account, job_name) > (@account, @job)
            UNION
            SELECT account, job_name FROM runs
            WHERE successor_due_at IS NOT NULL AND successor_due_at <= @now AND (account, job_name) > (@account, @job)
        )
        ORDER BY account, job_name LIMIT @limit
        """;

    internal const string ListUnfinished = """
        SELECT id FROM runs WHERE completed_on IS NULL AND id > @after ORDER BY id LIMIT @limit
        """;

    internal const string ListOverdue = """
        SELECT id FROM runs
        WHERE completed_on IS NULL AND due_at IS NOT NULL AND due_at <= @now
        ORDER BY due_at, id LIMIT @limit
        """;

    /// <summary>@after and @afterId are before every run when there is no place to go on from.</summary>
    internal const string ListEndedBefore = """
        SELECT completed_on, id, executor_node, executor_epoch FROM runs
        WHERE completed_on IS NOT NULL AND completed_on < @before AND (completed_on, id) > (@after, @afterId)
        ORDER BY completed_on, id LIMIT @limit
        """;

    /// <summary>@ids is a JSON array, so that the statement is one text for any number of them.</summary>
    internal const string Remove = """
        DELETE FROM runs
        WHERE completed_on IS NOT NULL AND successor_due_at IS NULL AND id IN (SELECT value FROM json_each(@ids))
        """;
}
