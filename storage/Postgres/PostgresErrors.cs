using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Npgsql;

namespace GlueOrleans.Storage.Postgres;

/// <summary>Says in one sentence which database failed, why, and what to do about it. Never says a password.</summary>
internal static class PostgresErrors
{
    /// <summary>The server has rolled the transaction back in favour of another one; the same again may succeed.</summary>
    internal static bool WasUndoneByAnother(PostgresException error) =>
        error.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;

    /// <summary>Constraint violations, and values that their columns cannot hold.</summary>
    internal static bool IsTheRows(PostgresException error) =>
        error.SqlState.StartsWith("23", StringComparison.Ordinal)
        || error.SqlState.StartsWith("22", StringComparison.Ordinal)
        || error.SqlState == PostgresErrorCodes.ProgramLimitExceeded;

    /// <summary>Npgsql lets those of the network and of waiting through as they are, where it is connecting.</summary>
    internal static bool IsTheDatabases(Exception cause) =>
        cause
            is NpgsqlException
                or SocketException
                or IOException
                or TimeoutException
                or OperationCanceledException
                or AuthenticationException
                or CryptographicException;

    internal static string Explain(string name, Exception cause) =>
        cause is PostgresException error
            ? $"{name} failed: {error.MessageText} (SQLSTATE {error.SqlState}). {Remedy(error.SqlState)}"
            : $"{name} cannot be reached: {InnermostMessage(cause)} {NetworkRemedy(cause)}";

    private static string Remedy(string state) =>
        state switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                "Check Username and Password in the connection string, or the password's file, and the server's pg_hba.conf.",
            PostgresErrorCodes.InvalidCatalogName =>
                "Create it, owned by the user of the connection string (createdb), or correct Database there.",
            PostgresErrorCodes.InsufficientPrivilege =>
                "Grant the user of the connection string the rights on it: its owner has them (ALTER DATABASE … OWNER TO …).",
            PostgresErrorCodes.TooManyConnections =>
                "Raise the server's max_connections, or lower Maximum Pool Size in the connection string of each node.",
            PostgresErrorCodes.DiskFull => "Free space on the server's disk; a running node then goes on by itself.",
            PostgresErrorCodes.ReadOnlySqlTransaction =>
                "It is a standby, or read-only: name the primary in the connection string.",
            PostgresErrorCodes.AdminShutdown
            or PostgresErrorCodes.CrashShutdown
            or PostgresErrorCodes.CannotConnectNow =>
                "The server is stopping or starting; a running node goes on by itself when it is there again.",
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn =>
                "Its schema is not this program's: see that the nodes' connection strings name the same database and schema.",
            PostgresErrorCodes.QueryCanceled =>
                "A statement took longer than it may: see what the server is busy with, or raise Command Timeout.",
            PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected =>
                "Transactions got in each other's way, repeatedly: see what else writes to these tables.",
            _ => "PostgreSQL's documentation lists these codes in appendix A; the server's log says more.",
        };

    private static string NetworkRemedy(Exception cause) =>
        TlsRemedy(cause) is { } remedy ? remedy
        : cause is NpgsqlException { InnerException: TimeoutException } or TimeoutException
            ? "See that the server answers, and what it is busy with. If it is slow by nature, raise Command Timeout."
        : "See that the server runs there, that it listens on that address and port, and that no firewall is between.";

    /// <summary><c>null</c>: it has nothing to do with TLS.</summary>
    private static string? TlsRemedy(Exception cause)
    {
        for (Exception? e = cause; e is not null; e = e.InnerException)
        {
            if (
                e
                is AuthenticationException
                    or CryptographicException
                    or FileNotFoundException
                    or DirectoryNotFoundException
            )
            {
                // Npgsql opens no other files than those of certificates.
                return "The server's certificate must be signed by the authority whose PEM file Root Certificate names in the "
                    + "connection string (without it, by one that this machine trusts), and, with SSL Mode=VerifyFull, be made for "
                    + "the name in Host.";
            }

            // Npgsql's own words, for which it has no type.
            if (e is NpgsqlException && e.Message.Contains("No SSL enabled", StringComparison.Ordinal))
                return "Set ssl = on, with a certificate, in the server's postgresql.conf; or change SSL Mode in the connection string.";
        }

        return null;
    }

    /// <summary>The outer ones only say that reading, or connecting, failed.</summary>
    private static string InnermostMessage(Exception cause)
    {
        while (cause.InnerException is { } inner)
            cause = inner;
        return cause.Message.EndsWith('.') ? cause.Message : cause.Message + ".";
    }
}
