using GlueOrleans.GrainInterfaces;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace GlueOrleans.Storage.Sqlite;

/// <summary>Says in one sentence which file failed, why, and what to do about it.</summary>
internal static class SqliteErrors
{
    internal static StoreUnavailableException Unavailable(string path, Exception cause) =>
        new(Explain(path, cause), cause);

    internal static StorageStartupException AtStartup(string path, SqliteException cause) =>
        new(Explain(path, cause), cause);

    /// <summary>Whether the connection is worth keeping after this error: the fault lies outside of it.</summary>
    internal static bool ConnectionSurvives(Exception cause) =>
        cause is SqliteException { SqliteErrorCode: SQLITE_FULL or SQLITE_BUSY or SQLITE_LOCKED or SQLITE_CONSTRAINT };

    /// <summary>Whether the error says something of the file, the disk or the connection, and not of one statement.</summary>
    internal static bool IsTheDatabases(Exception cause) =>
        cause
            is SqliteException
            {
                SqliteErrorCode: not (
                    SQLITE_CONSTRAINT
                    or SQLITE_TOOBIG
                    or SQLITE_MISMATCH
                    or SQLITE_RANGE
                    or SQLITE_ERROR
                )
            };

    private static string Explain(string path, Exception cause) =>
        cause is SqliteException error
            ? $"The database '{path}' failed: {error.Message} {Remedy(error.SqliteErrorCode)}"
            : $"The database '{path}' failed: {cause.GetType().Name}: {cause.Message}";

    private static string Remedy(int code) =>
        code switch
        {
            SQLITE_FULL => "Free space on its file system, or raise the quota; a running node then goes on by itself.",
            SQLITE_READONLY or SQLITE_PERM or SQLITE_AUTH =>
                "Give the user this process runs as write permission on the file and on its folder.",
            SQLITE_CANTOPEN =>
                "See that its folder exists and that the user this process runs as may write there, and may open more files.",
            SQLITE_BUSY or SQLITE_LOCKED =>
                "Another process holds it locked: end that process. A data folder serves one node at a time.",
            SQLITE_IOERR => "The disk could not be read or written: check its space, its health and the kernel's log.",
            SQLITE_NOTADB => "It is not an SQLite database: move it away, or name another data folder.",
            SQLITE_CORRUPT => "Its contents are damaged: stop the node and restore the data folder from a backup.",
            _ => $"SQLite's documentation explains result code {code}.",
        };
}
