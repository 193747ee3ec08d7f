using Microsoft.Data.Sqlite;

namespace GlueOrleans.Storage.Sqlite;

/// <summary>One connection with its prepared statements. Used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;

    /// <summary>By SQL text. All texts are constants, so this never grows beyond them.</summary>
    private readonly Dictionary<string, SqliteCommand> _prepared = [];

    private SqliteSession(SqliteConnection connection) => _connection = connection;

    /// <summary>A session for the writer's thread.</summary>
    /// <remarks>
    /// Run ids are random, so inserts touch pages all over the indexes. A cache of 32 MiB holds those of some hundred
    /// thousand runs, and a log of 4,000 pages (16 MB) lets a page be changed many times before it is copied into the
    /// database: together half as many writes per second again as with SQLite's 2 MB and 1,000 pages.
    /// </remarks>
    internal static SqliteSession ForWriting(string path)
    {
        var session = new SqliteSession(SqliteFile.Open(path));
        session.Execute("PRAGMA cache_size = -32768");
        session.Query("PRAGMA wal_autocheckpoint = 4000", row => row.GetInt64(0));
        return session;
    }

    /// <summary>A session whose connection refuses to write: only the writer's thread may.</summary>
    internal static SqliteSession ForReading(string path)
    {
        var session = new SqliteSession(SqliteFile.Open(path));
        session.Execute("PRAGMA query_only = ON");
        return session;
    }

    /// <summary>Whether a transaction is open. SQLite ends one by itself after some errors.</summary>
    internal bool IsInTransaction => SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    /// <summary>Runs a statement that answers with no rows; returns how many rows it changed.</summary>
    internal int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        Statement(sql, parameters).ExecuteNonQuery();

    internal bool Exists(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var reader = Statement(sql, parameters).ExecuteReader();
        return reader.Read();
    }

    internal List<T> Query<T>(
        string sql,
        Func<SqliteDataReader, T> read,
        params ReadOnlySpan<(string Name, object? Value)> parameters
    )
    {
        using var reader = Statement(sql, parameters).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(read(reader));
        return rows;
    }

    /// <summary>
    /// Several statements of one caller, in a transaction shared with others: when one of them fails, all are undone, and
    /// the others' are not.
    /// </summary>
    internal T AllOrNothing<T>(Func<T> statements)
    {
        Execute("SAVEPOINT all_or_nothing");
        try
        {
            var result = statements();
            Execute("RELEASE all_or_nothing");
            return result;
        }
        catch when (IsInTransaction)
        {
            Execute("ROLLBACK TO all_or_nothing");
            Execute("RELEASE all_or_nothing");
            throw;
        }
    }

    private SqliteCommand Statement(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, _) in parameters)
                command.Parameters.Add(new SqliteParameter { ParameterName = name });
            _prepared.Add(sql, command);
        }

        // Every call site passes its parameters in one order.
        for (var i = 0; i < parameters.Length; i++)
            command.Parameters[i].Value = parameters[i].Value ?? DBNull.Value;
        return command;
    }

    public void Dispose()
    {
        foreach (var command in _prepared.Values)
            command.Dispose();
        _connection.Dispose();
    }
}
