namespace GlueOrleans.Storage.Postgres;

/// <summary>The statements over the run table. A test asks PostgreSQL which index each read uses.</summary>
/// <remarks>
/// Several silos write at once, and at READ COMMITTED a statement reads what was committed when it began. So whatever a write
/// depends on besides the row it changes, it locks:
/// <list type="bullet">
/// <item>Whoever writes under an epoch locks the epoch's row FOR SHARE first. A claim, which updates that row, waits for all
/// such writes, and those that come after it wait for the claim and then read its epoch: PostgreSQL reads a row again when it
/// had to wait for its lock. So no write under an earlier epoch commits after a claim has, and a roster that is loaded after
/// the claim misses none. A row that is not there cannot be locked: <see cref="EnsureJobEpoch"/> and
/// <see cref="EnsureAccountEpoch"/> precede a write under epoch 0.</item>
/// <item>A run is changed by one UPDATE with its version in the condition, which is evaluated again after a wait.</item>
/// <item>A bookmark's head is locked FOR UPDATE, see <see cref="BookmarkSql"/>.</item>
/// </list>
/// Most runs are written many at a time, see <see cref="RunBatchSql"/>; these statements write what that leaves alone.
/// <para>Why these locks cannot be waited for in a circle. A batch does not wait for them. Every other transaction takes its
/// locks in one order: epoch of the job and of the account (a claim takes one of them and nothing else, all others share
/// them), head of the bookmark, run, entries. It
/// takes one run, except two: the creation of a successor, which takes its own new row and then its predecessor's, and
/// <see cref="Remove"/>, which takes the rows in the order of their ids. A creation that waits in a unique index does so
/// before its own row can be waited for (ON CONFLICT DO NOTHING inserts speculatively), and nobody who has locked a run waits
/// for one that is not created yet. Should there be a circle all the same, through a hand on the tables, PostgreSQL ends one
/// of the transactions, and <see cref="PostgresDatabase"/> runs it again.</para>
/// </remarks>
internal static class RunSql
{
    /// <summary>0 is the epoch of which none was claimed. No account epoch: whatever it is.</summary>
    private const string LockedEpochs = """
        job_epoch AS MATERIALIZED (
            SELECT epoch FROM job_epochs WHERE account = @account AND job_name = @job FOR SHARE
        ), account_epoch AS MATERIALIZED (
            SELECT epoch FROM account_epochs WHERE account = @account AND @accountEpoch::bigint IS NOT NULL FOR SHARE
        ), admitted AS MATERIALIZED (
            SELECT FROM (SELECT COALESCE((SELECT epoch FROM job_epoch), 0) AS epoch) j
            WHERE j.epoch = @jobEpoch
              AND COALESCE((SELECT epoch FROM account_epoch), 0) = COALESCE(@accountEpoch, 0)
        )
        """;

    /// <summary>Changes no row when an epoch is not the current one, or the id or the ordinal is taken.</summary>
    internal static readonly Statement Create = new(
        $"""
        WITH {LockedEpochs}
        INSERT INTO runs (
            account, job_name, id, ordinal, version, state, ends_as, attempt, previous_run_id, trigger_name, started_on,
            running_since, last_modified_on, completed_on, deadline_at, due_at, delay_notified_in, successor_due_at, dpus,
            is_flex, executor_node, executor_epoch, state_detail, error_message, settings)
        SELECT
            @account, @job, @id, @ordinal, @version, @state, @endsAs, @attempt, @previous, @trigger, @startedOn,
            @runningSince, @lastModifiedOn, @completedOn, @deadlineAt, @dueAt, @delayNotifiedIn, @successorDueAt, @dpus,
            @isFlex, @executorNode, @executorEpoch, @stateDetail, @error, @settings
        FROM admitted
        ON CONFLICT DO NOTHING
        """
    );

    /// <summary>After <see cref="Create"/> in its transaction: a debt is settled exactly when the successor is there.</summary>
    internal static readonly Statement SettleSuccessor = new(
        """
        UPDATE runs SET successor_due_at = NULL
        WHERE id = @previous AND account = @account AND job_name = @job AND successor_due_at IS NOT NULL
          AND EXISTS (
            SELECT 1 FROM runs s
            WHERE s.id = @id AND s.previous_run_id = @previous AND s.account = @account AND s.job_name = @job)
        """
    );

    /// <summary>Asked for when nothing was created. Later than that, so all of it may have changed since.</summary>
    internal static readonly Statement WhyNotCreated = new(
        """
        SELECT
            EXISTS (SELECT 1 FROM runs WHERE id = @id),
            COALESCE((SELECT epoch FROM job_epochs WHERE account = @account AND job_name = @job), 0),
            COALESCE((SELECT epoch FROM account_epochs WHERE account = @account), 0)
        """
    );

    internal static readonly Statement EnsureJobEpoch = new(
        "INSERT INTO job_epochs (account, job_name, epoch) VALUES (@account, @job, 0) ON CONFLICT DO NOTHING"
    );

    internal static readonly Statement EnsureAccountEpoch = new(
        "INSERT INTO account_epochs (account, epoch) VALUES (@account, 0) ON CONFLICT DO NOTHING"
    );

    internal static readonly Statement ClaimEpoch = new(
        """
        INSERT INTO job_epochs AS e (account, job_name, epoch) VALUES (@account, @job, 1)
        ON CONFLICT (account, job_name) DO UPDATE SET epoch = e.epoch + 1
        RETURNING epoch
        """
    );

    internal static readonly Statement ClaimAccountEpoch = new(
        """
        INSERT INTO account_epochs AS e (account, epoch) VALUES (@account, 1)
        ON CONFLICT (account) DO UPDATE SET epoch = e.epoch + 1
        RETURNING epoch
        """
    );

    private const string Change = """
        UPDATE runs SET
            version = @version, state = @state, ends_as = @endsAs, started_on = @startedOn, running_since = @runningSince,
            last_modified_on = @lastModifiedOn, completed_on = @completedOn, deadline_at = @deadlineAt, due_at = @dueAt,
            delay_notified_in = @delayNotifiedIn, successor_due_at = @successorDueAt, state_detail = @stateDetail,
            error_message = @error, executor_node = @executorNode, executor_epoch = @executorEpoch
        """;

    internal static readonly Statement Save = new($"{Change} WHERE id = @id AND version = @expected");

    internal static readonly Statement SaveAdmission = new(
        $"WITH {LockedEpochs} {Change} FROM admitted WHERE id = @id AND version = @expected"
    );

    /// <summary>The run and the entry of its bookmark. Changes either both or none; the rows it answers with are those of
    /// the run.</summary>
    internal static readonly Statement SaveWithBookmark = new(
        $"""
        WITH {BookmarkSql.LockedHead}, saved AS (
            {Change} FROM head WHERE id = @id AND runs.version = @expected
            RETURNING 1
        ), {BookmarkSql.AppendedWhen("saved")}
        SELECT count(*) FROM saved
        """
    );

    /// <summary>Asked for when nothing was saved. No row: there is no such run.</summary>
    internal static readonly Statement WhyNotSaved = new(
        """
        SELECT
            r.version,
            COALESCE((SELECT revision FROM bookmark_heads WHERE account = @account AND job_name = @job), 0),
            COALESCE((SELECT epoch FROM job_epochs WHERE account = @account AND job_name = @job), 0),
            COALESCE((SELECT epoch FROM account_epochs WHERE account = @account), 0)
        FROM runs r WHERE r.id = @id
        """
    );

    internal static readonly Statement Find = new($"SELECT {RunRow.Columns} FROM runs WHERE id = @id");

    internal static readonly Statement FindMany = new($"SELECT {RunRow.Columns} FROM runs WHERE id = ANY(@ids)");

    internal static readonly Statement ListByJob = new(
        $"""
        SELECT {RunRow.Columns} FROM runs
        WHERE account = @account AND job_name = @job AND ordinal < @before
        ORDER BY ordinal DESC LIMIT @limit
        """
    );

    /// <summary>One statement, so that its parts are of one moment: the last ordinal (its id is null), the runs that have not
    /// ended, and those that owe a successor (<c>OWED</c>, with when it is due).</summary>
    internal static readonly Statement LoadRoster = new(
        """
        SELECT 'LAST', NULL,
            (SELECT ordinal FROM runs WHERE account = @account AND job_name = @job ORDER BY ordinal DESC LIMIT 1),
            0::double precision, false, NULL::timestamptz, NULL
        UNION ALL
        SELECT state, id, ordinal, dpus, is_flex, started_on, state_detail FROM runs
        WHERE account = @account AND job_name = @job AND completed_on IS NULL
        UNION ALL
        SELECT 'OWED', id, ordinal, 0, false, successor_due_at, NULL FROM runs
        WHERE account = @account AND job_name = @job AND successor_due_at IS NOT NULL
        """
    );

    internal static readonly Statement LoadAccountRoster = new(
        "SELECT id, state, dpus, is_flex FROM runs WHERE account = @account AND completed_on IS NULL"
    );

    /// <remarks>Of the unfinished ones only those that wait hold no slot, and they are placed nowhere.</remarks>
    internal static readonly Statement LoadExecutorRoster = new(
        """
        SELECT id, executor_node, executor_epoch, dpus FROM runs
        WHERE completed_on IS NULL AND executor_node IS NOT NULL
        """
    );

    internal static readonly Statement ListByExecutor = new(
        """
        SELECT id, state, executor_node, executor_epoch FROM runs
        WHERE completed_on IS NULL AND executor_node = @node AND id > @after
        ORDER BY id LIMIT @limit
        """
    );

    internal static readonly Statement CountWaiting = new(
        """
        SELECT count(*) FROM runs WHERE account = @account AND job_name = @job AND state = 'WAITING' AND ordinal < @below
        """
    );

    /// <remarks>Both halves walk an index that holds nothing but what they are after, in its order.</remarks>
    internal static readonly Statement ListJobsToTend = new(
        """
        (
            SELECT DISTINCT account, job_name FROM runs
            WHERE state = 'WAITING' AND (account, job_name) > (@account, @job)
            ORDER BY account, job_name LIMIT @limit
        ) UNION (
            SELECT DISTINCT account, job_name FROM runs
            WHERE successor_due_at IS NOT NULL AND successor_due_at <= @now AND (account, job_name) > (@account, @job)
            ORDER BY account, job_name LIMIT @limit
        )
        ORDER BY account, job_name LIMIT @limit
        """
    );

    internal static readonly Statement ListUnfinished = new(
        "SELECT id FROM runs WHERE completed_on IS NULL AND id > @after ORDER BY id LIMIT @limit"
    );

    internal static readonly Statement ListOverdue = new(
        """
        SELECT id FROM runs
        WHERE completed_on IS NULL AND due_at IS NOT NULL AND due_at <= @now
        ORDER BY due_at, id LIMIT @limit
        """
    );

    /// <summary>@after and @afterId are before every run when there is no place to go on from.</summary>
    internal static readonly Statement ListEndedBefore = new(
        """
        SELECT completed_on, id, executor_node, executor_epoch FROM runs
        WHERE completed_on IS NOT NULL AND completed_on < @before AND (completed_on, id) > (@after, @afterId)
        ORDER BY completed_on, id LIMIT @limit
        """
    );

    internal static readonly Statement Remove = new(
        """
        WITH ended AS MATERIALIZED (
            SELECT id FROM runs
            WHERE completed_on IS NOT NULL AND successor_due_at IS NULL AND id = ANY(@ids)
            ORDER BY id FOR UPDATE
        )
        DELETE FROM runs USING ended WHERE runs.id = ended.id
        """
    );
}
