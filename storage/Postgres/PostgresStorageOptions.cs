using System.Data.Common;
using Npgsql;

namespace GlueOrleans.Storage.Postgres;

/// <summary>Where the nodes of a cluster keep what they share.</summary>
public sealed class PostgresStorageOptions
{
    /// <summary>The invariant under which Orleans' AdoNet providers know Npgsql. Their data source is
    /// <see cref="PostgresStorage.DataSource"/>.</summary>
    public const string OrleansInvariant = "Npgsql";

    /// <summary>In seconds, where the connection string says nothing else.</summary>
    internal const int CommandTimeout = 10;

    /// <summary>
    /// Npgsql's connection string, like <c>Host=db;Database=glue;Username=glue;Password=…</c>. Required: host and database.
    /// The database must exist, be encoded in UTF-8, and let its user create tables; everything else is made at the start.
    /// </summary>
    /// <remarks>
    /// What it leaves open is set so: <c>Command Timeout</c> 10 (seconds, after which a statement is given up, and
    /// also a write of a run that waits for its turn),
    /// <c>Timeout</c> 10 (seconds to connect, or to get one of the connections), <c>Maximum Pool Size</c> 32 (connections of
    /// this node), <c>Max Auto Prepare</c> 64 and <c>Auto Prepare Min Usages</c> 2 (statements prepared on each connection),
    /// <c>Keepalive</c> 10 (seconds, after which an idle connection is tried out), <c>No Reset On Close</c> true (nothing here
    /// leaves anything in a session, and tidying up would be another transaction before each), <c>Application Name</c> glue-orleans.
    /// </remarks>
    public required string ConnectionString { get; init; }

    /// <summary>Says the password, for every connection that is made; <c>null</c>: it is in the connection string, or none is
    /// needed.</summary>
    public Func<string>? Password { get; init; }

    /// <summary>The pool of connections to it, for this storage and for Orleans' providers. Connects to nothing yet.</summary>
    /// <exception cref="StorageStartupException">The connection string cannot be read, or names no host or no database; or the
    /// certificate of an authority that it names cannot be.</exception>
    public NpgsqlDataSource CreateDataSource()
    {
        // Named, because metrics would call it by its connection string.
        var builder = new NpgsqlDataSourceBuilder(Parse().ConnectionString) { Name = "glue-orleans" };
        if (Password is { } password)
            builder.UsePasswordProvider(_ => password(), (_, _) => ValueTask.FromResult(password()));
        return builder.Build();
    }

    /// <summary>What is wrong with the database, and the remedy, if that is what an exception is about; else <c>null</c>. Never
    /// says a password.</summary>
    public string? Explain(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is NpgsqlException)
                return PostgresErrors.Explain(NameOf(Parse()), e);
        }

        return null;
    }

    /// <summary>Complete, with the values that the connection string leaves open.</summary>
    /// <exception cref="StorageStartupException">It cannot be read, or names no host or no database.</exception>
    internal NpgsqlConnectionStringBuilder Parse()
    {
        var (given, parsed) = Read();
        if (parsed.Host is not { Length: > 0 } || parsed.Database is not { Length: > 0 })
            throw new StorageStartupException(
                "The connection string of the PostgreSQL database names no "
                    + (parsed.Host is { Length: > 0 } ? "Database" : "Host")
                    + ". It looks like: Host=127.0.0.1;Database=glue;Username=glue;Password=…"
            );

        var names = given.Keys.Cast<string>().Select(Plain).ToHashSet(StringComparer.OrdinalIgnoreCase);
        SetUnless("CommandTimeout", () => parsed.CommandTimeout = CommandTimeout);
        SetUnless("Timeout", () => parsed.Timeout = 10);
        SetUnless("MaximumPoolSize", () => parsed.MaxPoolSize = 32, "MaxPoolSize");
        SetUnless("MaxAutoPrepare", () => parsed.MaxAutoPrepare = 64);
        SetUnless("AutoPrepareMinUsages", () => parsed.AutoPrepareMinUsages = 2);
        SetUnless("Keepalive", () => parsed.KeepAlive = 10);
        SetUnless("NoResetOnClose", () => parsed.NoResetOnClose = true);
        SetUnless("ApplicationName", () => parsed.ApplicationName = "glue-orleans");
        return parsed;

        void SetUnless(string name, Action set, string? otherName = null)
        {
            if (!names.Contains(name) && (otherName is null || !names.Contains(otherName)))
                set();
        }

        static string Plain(string key) => key.Replace(" ", "", StringComparison.Ordinal);
    }

    /// <summary>As the database is called in errors: without user or password.</summary>
    internal static string NameOf(NpgsqlConnectionStringBuilder parsed) =>
        $"The PostgreSQL database '{parsed.Database}' at {parsed.Host}:{parsed.Port}";

    private (DbConnectionStringBuilder Given, NpgsqlConnectionStringBuilder Parsed) Read()
    {
        try
        {
            return (
                new DbConnectionStringBuilder { ConnectionString = ConnectionString },
                new NpgsqlConnectionStringBuilder(ConnectionString)
            );
        }
        catch (Exception e)
            when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            // Not the value: there is a password in it. Npgsql's message names the keyword.
            throw new StorageStartupException(
                $"The connection string of the PostgreSQL database cannot be read: {e.Message} "
                    + "It looks like: Host=127.0.0.1;Database=glue;Username=glue;Password=…",
                e
            );
        }
    }
}
