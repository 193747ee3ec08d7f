namespace GlueOrleans.Storage.Sqlite;

/// <summary>The statements over the bookmarks. A test asks SQLite which index each read uses.</summary>
internal static class BookmarkSql
{
    private const string Columns =
        "e.account, e.job_name, e.revision, e.version, e.run, e.attempt, e.run_id, e.previous_run_id, e.state";

    /// <summary>One statement, so that revision and entry are of one commit. After a deletion there is no such entry.</summary>
    internal const string Read = $"""
        SELECT {Columns}, h.revision, h.era FROM bookmark_heads h
        LEFT JOIN bookmark_entries e
            ON e.account = h.account AND e.job_name = h.job_name AND e.revision = h.revision
        WHERE h.account = @account AND h.job_name = @job
        """;

    internal const string FindByRun = $"""
        SELECT {Columns} FROM bookmark_entries e
        WHERE e.account = @account AND e.job_name = @job AND e.run_id = @runId
        ORDER BY e.revision DESC LIMIT 1
        """;

    internal const string FindByVersion = $"""
        SELECT {Columns} FROM bookmark_entries e
        WHERE e.account = @account AND e.job_name = @job AND e.version = @version
        ORDER BY e.revision DESC LIMIT 1
        """;

    internal const string List = $"""
        SELECT {Columns} FROM bookmark_entries e
        WHERE e.account = @account AND e.job_name = @job AND e.revision < @before
        ORDER BY e.revision DESC LIMIT @limit
        """;

    internal const string Revision = "SELECT revision FROM bookmark_heads WHERE account = @account AND job_name = @job";

    /// <summary>To the revision given, whose condition was looked at before.</summary>
    internal const string Advance = """
        INSERT INTO bookmark_heads (account, job_name, revision, era) VALUES (@account, @job, @revision, 0)
        ON CONFLICT DO UPDATE SET revision = excluded.revision
        """;

    internal const string Insert = """
        INSERT INTO bookmark_entries (
            account, job_name, revision, version, run, attempt, run_id, previous_run_id, state)
        VALUES (@account, @job, @revision, @version, @run, @attempt, @runId, @previous, @state)
        """;

    internal const string DeleteUpTo = """
        DELETE FROM bookmark_entries WHERE account = @account AND job_name = @job AND revision <= @revision
        """;

    internal const string Invalidate = """
        INSERT INTO bookmark_heads (account, job_name, revision, era) VALUES (@account, @job, 1, 1)
        ON CONFLICT DO UPDATE SET revision = revision + 1, era = revision + 1
        """;
}
