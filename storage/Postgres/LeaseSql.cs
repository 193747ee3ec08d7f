namespace GlueOrleans.Storage.Postgres;

/// <summary>The statements over leases.</summary>
/// <remarks>
/// Times are the database's, and of the moment at which they are asked for (<c>clock_timestamp()</c>): a transaction's own
/// time is that of its beginning, before it waited. Each statement locks the row of one node and no other, save the one that
/// declares nodes lost; that passes over rows which somebody else has locked. So none waits in a circle.
/// </remarks>
internal static class LeaseSql
{
    /// <summary>Before <see cref="Acquire"/> in its transaction: what is not there cannot be locked.</summary>
    internal static readonly Statement EnsureNode = new(
        """
        INSERT INTO executor_nodes (name, epoch, folder, holder, is_accepting, max_runs, dpus, expires_at)
        VALUES (@node, 0, '', '', false, 0, 0, NULL)
        ON CONFLICT DO NOTHING
        """
    );

    /// <summary>The row is locked, then judged by the time it is then, then taken or not. Answers with the epoch (null: not
    /// taken), whether the lease had not run out, and for how long it would have lasted.</summary>
    internal static readonly Statement Acquire = new(
        """
        WITH node AS MATERIALIZED (
            SELECT epoch, folder, expires_at FROM executor_nodes WHERE name = @node FOR UPDATE
        ), timed AS MATERIALIZED (
            SELECT *, clock_timestamp() AS now FROM node
        ), judged AS MATERIALIZED (
            SELECT *, COALESCE(expires_at > now, false) AS is_live FROM timed
        ), taken AS (
            UPDATE executor_nodes SET
                epoch = CASE WHEN j.is_live THEN j.epoch ELSE j.epoch + 1 END, folder = @folder, holder = @holder,
                is_accepting = @isAccepting, max_runs = @maxRuns, dpus = @dpus, expires_at = j.now + @lasts
            FROM judged j
            WHERE name = @node AND (NOT j.is_live OR j.folder = @folder)
            RETURNING executor_nodes.epoch
        )
        SELECT (SELECT epoch FROM taken), is_live, expires_at - now FROM judged
        """
    );

    internal static readonly Statement Renew = new(
        """
        UPDATE executor_nodes SET
            is_accepting = @isAccepting, max_runs = @maxRuns, dpus = @dpus, expires_at = clock_timestamp() + @lasts
        WHERE name = @node AND epoch = @epoch AND holder = @holder AND expires_at > clock_timestamp()
        """
    );

    internal static readonly Statement ListLive = new(
        """
        SELECT name, epoch, is_accepting, max_runs, dpus FROM executor_nodes
        WHERE expires_at > clock_timestamp()
        ORDER BY name
        """
    );

    /// <summary>A row that is locked is being renewed, acquired or declared lost by another; the next call sees which.</summary>
    internal static readonly Statement FenceExpired = new(
        """
        WITH expired AS MATERIALIZED (
            SELECT name FROM executor_nodes WHERE expires_at <= clock_timestamp() FOR UPDATE SKIP LOCKED
        )
        UPDATE executor_nodes SET epoch = epoch + 1, expires_at = NULL
        FROM expired WHERE executor_nodes.name = expired.name
        RETURNING executor_nodes.name, epoch - 1
        """
    );

    /// <summary>Walks the unfinished runs. A node that no row is of has been removed by hand: it is not coming back.</summary>
    internal static readonly Statement ListStranded = new(
        """
        SELECT r.id, r.executor_node, r.executor_epoch FROM runs r
        LEFT JOIN executor_nodes n ON n.name = r.executor_node
        WHERE r.completed_on IS NULL AND r.executor_node IS NOT NULL AND r.id > @after
          AND COALESCE(n.epoch > r.executor_epoch, true)
        ORDER BY r.id LIMIT @limit
        """
    );

    internal static readonly Statement TryHold = new(
        """
        INSERT INTO upkeep_leases AS l (name, holder, expires_at)
        VALUES ('upkeep', @holder, clock_timestamp() + @lasts)
        ON CONFLICT (name) DO UPDATE SET holder = @holder, expires_at = clock_timestamp() + @lasts
        WHERE l.holder = @holder OR l.expires_at <= clock_timestamp()
        """
    );
}
