namespace GlueOrleans.Storage.Postgres;

/// <summary>The statements over the index of job names.</summary>
internal static class JobNameSql
{
    internal static readonly Statement Put = new(
        """
        INSERT INTO job_names (account, name, settled) VALUES (@account, @name, @settled)
        ON CONFLICT (account, name) DO UPDATE SET settled = excluded.settled
        """
    );

    /// <summary>Before <see cref="TryPutUnsettled"/> in its transaction, as a statement of its own: whoever had to wait here
    /// then counts the names of those it waited for. Two accounts with one hash wait for each other, which harms nobody.</summary>
    internal static readonly Statement LockAccount = new(
        $"SELECT pg_advisory_xact_lock({LockClass}, hashtext(@account))"
    );

    /// <summary>Tells this lock from others. "GlOr" in ASCII.</summary>
    internal const int LockClass = 0x476C4F72;

    /// <summary>Changes no row when the name is new and the account has as many as it may. Reads at most @limit names, and
    /// none when the name is there.</summary>
    internal static readonly Statement TryPutUnsettled = new(
        """
        INSERT INTO job_names (account, name, settled)
        SELECT @account, @name, false
        WHERE EXISTS (SELECT 1 FROM job_names WHERE account = @account AND name = @name)
           OR (SELECT count(*) FROM (SELECT 1 FROM job_names WHERE account = @account LIMIT @limit) n) < @limit
        ON CONFLICT (account, name) DO UPDATE SET settled = false
        """
    );

    internal static readonly Statement Remove = new("DELETE FROM job_names WHERE account = @account AND name = @name");

    internal static readonly Statement ListNames = new(
        """
        SELECT name FROM job_names
        WHERE account = @account AND name > @after AND settled
        ORDER BY name LIMIT @limit
        """
    );

    internal static readonly Statement ListUnsettled = new(
        "SELECT account, name FROM job_names WHERE NOT settled ORDER BY account, name LIMIT @limit"
    );
}
