using Microsoft.Data.Sqlite;

namespace GlueOrleans.Storage.Sqlite;

/// <summary>Connections to one database file, all with the same durability settings.</summary>
internal static class SqliteFile
{
    /// <summary>How long a statement waits for another process's lock. Only a foreign tool can hold one for long.</summary>
    internal static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    /// <summary>Opens the file, creating it if it is missing. Only while the node starts.</summary>
    internal static SqliteConnection OpenOrCreate(string path) => Open(path, SqliteOpenMode.ReadWriteCreate);

    /// <summary>Opens a file that exists: one removed under a running node must not come back empty.</summary>
    internal static SqliteConnection Open(string path) => Open(path, SqliteOpenMode.ReadWrite);

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        var text = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = mode,
            // These connections are kept by their owners; a pool behind them would keep files open after a dispose.
            Pooling = false,
            ForeignKeys = true,
            DefaultTimeout = (int)LockPatience.TotalSeconds,
        };
        var connection = new SqliteConnection(text.ToString());
        try
        {
            connection.Open();
            Execute(
                connection,
                $"PRAGMA busy_timeout = {LockPatience.TotalMilliseconds:F0}; PRAGMA synchronous = FULL;"
            );
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    internal static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    internal static object? Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
