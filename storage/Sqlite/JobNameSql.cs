namespace GlueOrleans.Storage.Sqlite;

/// <summary>The statements over the index of job names.</summary>
internal static class JobNameSql
{
    internal const string Put = """
        INSERT INTO job_names (account, name, settled) VALUES (@account, @name, @settled)
        ON CONFLICT (account, name) DO UPDATE SET settled = excluded.settled
        """;

    /// <summary>Changes no row when the name is new and the account has as many as it may. One statement, so that the count
    /// and the row belong together; it reads at most @limit names, and none when the name is there.</summary>
    internal const string TryPutUnsettled = """
        INSERT INTO job_names (account, name, settled)
        SELECT @account, @name, 0
        WHERE EXISTS (SELECT 1 FROM job_names WHERE account = @account AND name = @name)
           OR (SELECT count(*) FROM (SELECT 1 FROM job_names WHERE account = @account LIMIT @limit)) < @limit
        ON CONFLICT (account, name) DO UPDATE SET settled = 0
        """;

    internal const string Remove = "DELETE FROM job_names WHERE account = @account AND name = @name";

    internal const string ListNames = """
        SELECT name FROM job_names
        WHERE account = @account AND name > @after AND settled = 1
        ORDER BY name LIMIT @limit
        """;

    internal const string ListUnsettled = """
        SELECT account, name FROM job_names INDEXED BY job_names_unsettled
        WHERE settled = 0
        ORDER BY account, name LIMIT @limit
        """;
}
