namespace GlueOrleans.Storage.Sqlite;

/// <summary>The statements over the index of job names.</summary>
internal static class JobNameSql
{
    internal const string Put = """
        INSERT INTO job_names (account, name, settled) VALUES (@account, @name, @settled)
        ON CONFLICT (account, name) DO UPDATE SET settled = excluded.settled
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
