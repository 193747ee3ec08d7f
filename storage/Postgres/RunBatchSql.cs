namespace GlueOrleans.Storage.Postgres;

/// <summary>The statements that write many runs at once, each a row of the arrays it is given. A test asks PostgreSQL which
/// index each uses.</summary>
/// <remarks>
/// A batch waits for nobody's lock on a row: it takes those it needs that are free (SKIP LOCKED), and leaves a run alone whose
/// row, or an epoch of which, somebody else has locked; like one whose condition does not hold. What it left alone is not in
/// its answer, and is then written by itself with the statements of <see cref="RunSql"/>, which wait, and say what is wrong.
/// So one locked row holds up nobody but its own run; and a batch, which holds many locks, is part of no circle of those who
/// wait. Two waits are left, and neither is for one who could wait for it: in a unique index, for another creation of the same
/// run or place, where both would have to be under the same epoch, and the one activation that has it gives out each place
/// once (and ids are in order in a batch); and for the predecessor of a successor, a run that has ended, and which nobody removes as long as it owes one.
/// <para>That it is right among others is as in <see cref="RunSql"/>: the epochs are locked FOR SHARE, and compared on the
/// locked row (which PostgreSQL reads again if it has changed since the statement began), until the commit. A run's row is
/// locked if it has the version expected, and then changed where it was found; if it has moved in between, it is not found.</para>
/// <para>A subquery with a lock in it is carried out once for each row of the arrays, by a key, and so is the look by
/// <c>ctid</c>: with <see cref="ByIndex"/> the planner has no other way. It must not have: statements are planned once, for
/// tables that may be almost empty then, and used when there are millions of rows in them.</para>
/// </remarks>
internal static class RunBatchSql
{
    /// <summary>First in each transaction, and until its end.</summary>
    internal static readonly Statement ByIndex = new(
        "SELECT set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', 'force_generic_plan', true)"
    );

    /// <summary>Of both statements: what of a run can change, and under which epochs it is written.</summary>
    private const string Arrays = """
        @id::text[], @account::text[], @job::text[], @version::bigint[], @state::text[], @endsAs::text[],
        @startedOn::timestamptz[], @runningSince::timestamptz[], @lastModifiedOn::timestamptz[],
        @completedOn::timestamptz[], @deadlineAt::timestamptz[], @dueAt::timestamptz[], @delayNotifiedIn::text[],
        @successorDueAt::timestamptz[], @stateDetail::text[], @error::text[], @executorNode::text[],
        @executorEpoch::bigint[], @jobEpoch::bigint[], @accountEpoch::bigint[]
        """;

    private const string Names = """
        id, account, job_name, version, state, ends_as, started_on, running_since, last_modified_on, completed_on,
        deadline_at, due_at, delay_notified_in, successor_due_at, state_detail, error_message, executor_node,
        executor_epoch, job_epoch, account_epoch
        """;

    /// <summary>NULL: it is written whatever that epoch is.</summary>
    private const string LockedEpochs = """
        LEFT JOIN LATERAL (
            SELECT true AS is_held FROM job_epochs e
            WHERE n.job_epoch IS NOT NULL
              AND e.account = n.account AND e.job_name = n.job_name AND e.epoch = n.job_epoch
            FOR SHARE SKIP LOCKED
        ) j ON true
        LEFT JOIN LATERAL (
            SELECT true AS is_held FROM account_epochs e
            WHERE n.account_epoch IS NOT NULL AND e.account = n.account AND e.epoch = n.account_epoch
            FOR SHARE SKIP LOCKED
        ) a ON true
        """;

    private const string Admitted = "(n.job_epoch IS NULL OR j.is_held) AND (n.account_epoch IS NULL OR a.is_held)";

    /// <summary>Answers with the ids of those that were created.</summary>
    internal static readonly Statement Create = new(
        $"""
        INSERT INTO runs (
            account, job_name, id, ordinal, version, state, ends_as, attempt, previous_run_id, trigger_name, started_on,
            running_since, last_modified_on, completed_on, deadline_at, due_at, delay_notified_in, successor_due_at, dpus,
            is_flex, executor_node, executor_epoch, state_detail, error_message, settings)
        SELECT
            n.account, n.job_name, n.id, n.ordinal, n.version, n.state, n.ends_as, n.attempt, n.previous_run_id,
            n.trigger_name, n.started_on, n.running_since, n.last_modified_on, n.completed_on, n.deadline_at, n.due_at,
            n.delay_notified_in, n.successor_due_at, n.dpus, n.is_flex, n.executor_node, n.executor_epoch,
            n.state_detail, n.error_message, n.settings
        FROM unnest(
            {Arrays}, @ordinal::bigint[], @attempt::integer[], @previous::text[], @trigger::text[],
            @dpus::double precision[], @isFlex::boolean[], @settings::text[]
        ) AS n({Names}, ordinal, attempt, previous_run_id, trigger_name, dpus, is_flex, settings)
        {LockedEpochs}
        WHERE {Admitted}
        ON CONFLICT DO NOTHING
        RETURNING id
        """
    );

    /// <summary>Answers with the ids of those that were saved.</summary>
    internal static readonly Statement Save = new(
        $"""
        UPDATE runs SET
            version = n.version, state = n.state, ends_as = n.ends_as, started_on = n.started_on,
            running_since = n.running_since, last_modified_on = n.last_modified_on, completed_on = n.completed_on,
            deadline_at = n.deadline_at, due_at = n.due_at, delay_notified_in = n.delay_notified_in,
            successor_due_at = n.successor_due_at, state_detail = n.state_detail, error_message = n.error_message,
            executor_node = n.executor_node, executor_epoch = n.executor_epoch
        FROM (
            SELECT n.*, r.place
            FROM unnest({Arrays}, @expected::bigint[]) AS n({Names}, expected)
            {LockedEpochs}
            CROSS JOIN LATERAL (
                SELECT ctid AS place FROM runs r WHERE r.id = n.id AND r.version = n.expected
                FOR NO KEY UPDATE SKIP LOCKED
            ) r
            WHERE {Admitted}
        ) n
        WHERE runs.ctid = n.place
        RETURNING runs.id
        """
    );
}
