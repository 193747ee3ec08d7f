namespace GlueOrleans.Storage.Postgres;

/// <summary>The statements over the bookmarks. A test asks PostgreSQL which index each read uses.</summary>
/// <remarks>
/// The head's row is the lock over all that a job's bookmark is. It is locked, and its revision compared, before anything else
/// is written; of several that were made from one revision, the first does it, and the others wait and then see a later
/// revision. A row that is not there cannot be locked: <see cref="EnsureHead"/> precedes the first entry.
/// </remarks>
internal static class BookmarkSql
{
    private const string Columns =
        "e.account, e.job_name, e.revision, e.version, e.run, e.attempt, e.run_id, e.previous_run_id, e.state";

    internal static readonly Statement EnsureHead = new(
        """
        INSERT INTO bookmark_heads (account, job_name, revision, era) VALUES (@account, @job, 0, 0) ON CONFLICT DO NOTHING
        """
    );

    /// <summary><c>head</c> has a row, which is locked, when the revision is the one before @revision.</summary>
    internal const string LockedHead = """
        head AS MATERIALIZED (
            SELECT FROM bookmark_heads
            WHERE account = @account AND job_name = @job AND revision = @revision - 1
            FOR UPDATE
        )
        """;

    internal static readonly Statement Append = new(
        $"WITH {LockedHead}, {AppendedWhen("head")} SELECT count(*) FROM head"
    );

    /// <summary>The removal sees the entries of when the statement began: one that was written since is not among those it
    /// is after.</summary>
    internal static string AppendedWhen(string condition) =>
        $"""
            advanced AS (
                UPDATE bookmark_heads SET revision = @revision
                WHERE account = @account AND job_name = @job AND EXISTS (SELECT 1 FROM {condition})
            ), appended AS (
                INSERT INTO bookmark_entries (
                    account, job_name, revision, version, run, attempt, run_id, previous_run_id, state)
                SELECT @account, @job, @revision, @bookmarkVersion, @run, @bookmarkAttempt, @runId, @previousRunId, @bookmark
                FROM {condition}
            ), dropped AS (
                DELETE FROM bookmark_entries
                WHERE account = @account AND job_name = @job AND revision <= @dropped AND EXISTS (SELECT 1 FROM {condition})
            )
            """;

    /// <summary>One statement, so that revision and entry are of one moment. After a deletion there is no such entry.</summary>
    internal static readonly Statement Read = new(
        $"""
        SELECT {Columns}, h.revision, h.era FROM bookmark_heads h
        LEFT JOIN bookmark_entries e
            ON e.account = h.account AND e.job_name = h.job_name AND e.revision = h.revision
        WHERE h.account = @account AND h.job_name = @job
        """
    );

    internal static readonly Statement FindByRun = new(
        $"""
        SELECT {Columns} FROM bookmark_entries e
        WHERE e.account = @account AND e.job_name = @job AND e.run_id = @runId
        ORDER BY e.revision DESC LIMIT 1
        """
    );

    internal static readonly Statement FindByVersion = new(
        $"""
        SELECT {Columns} FROM bookmark_entries e
        WHERE e.account = @account AND e.job_name = @job AND e.version = @version
        ORDER BY e.revision DESC LIMIT 1
        """
    );

    internal static readonly Statement List = new(
        $"""
        SELECT {Columns} FROM bookmark_entries e
        WHERE e.account = @account AND e.job_name = @job AND e.revision < @before
        ORDER BY e.revision DESC LIMIT @limit
        """
    );

    internal static readonly Statement Invalidate = new(
        """
        INSERT INTO bookmark_heads AS h (account, job_name, revision, era) VALUES (@account, @job, 1, 1)
        ON CONFLICT (account, job_name) DO UPDATE SET revision = h.revision + 1, era = h.revision + 1
        """
    );

    /// <summary>After <see cref="Invalidate"/> in its transaction, as a statement of its own: the entry of one for whom that
    /// had to wait is then seen and removed too.</summary>
    internal static readonly Statement DeleteAll = new(
        "DELETE FROM bookmark_entries WHERE account = @account AND job_name = @job"
    );
}
