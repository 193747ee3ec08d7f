using System.Globalization;
using System.Reflection;
using Npgsql;

namespace GlueOrleans.Storage.Postgres;

/// <summary>
/// Brings a database to the schema this version of the program knows, while the node starts. Refuses one that a newer version
/// has written, and one whose settings would break a promise.
/// </summary>
/// <remarks>
/// The table <c>schema_version</c> holds a row for each migration that was run. Migrations are the embedded files
/// <c>migrations/NNNN_name.postgres.sql</c>, numbered from 1 without gaps. One transaction, under a lock of which there is one
/// in the database, takes it from its version to the newest: a crash leaves it as it was, and of nodes that start at once one
/// does the work while the others wait. The statements that Orleans' providers read, <c>orleans/*.postgres.sql</c>, are
/// brought up to date at every start; where nothing changes, a start writes nothing.
/// </remarks>
internal static class PostgresSchema
{
    /// <summary>The first whose generic plans and functions are used here.</summary>
    private const int OldestServer = 13;

    /// <summary>How long one migration may take, and a node waits for another one's.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The schema version that this program writes: that of its last migration.</summary>
    internal static int Newest => Migrations().Count;

    internal static async Task Prepare(NpgsqlDataSource source, string name)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync();
            await RefuseUnusable(connection, name);
            await using var transaction = await connection.BeginTransactionAsync();
            await Execute(connection, "SELECT pg_advisory_xact_lock(hashtext('glue-orleans.schema'))");
            var version = await Version(connection);
            var migrations = Migrations();
            if (version > migrations.Count)
                throw new StorageStartupException(
                    $"{name} has schema version {version}; this program knows versions up to {migrations.Count}. "
                        + "A newer version of the program has written it: use that one, or name another database."
                );

            for (var next = version + 1; next <= migrations.Count; next++)
            {
                await Execute(connection, migrations[next - 1]);
                await Execute(connection, $"INSERT INTO schema_version (version) VALUES ({next})");
            }

            foreach (var statements in Resources("orleans/"))
                await Execute(connection, statements);
            await transaction.CommitAsync();
        }
        catch (Exception e) when (PostgresErrors.IsTheDatabases(e))
        {
            throw new StorageStartupException(PostgresErrors.Explain(name, e), e);
        }
    }

    private static async Task RefuseUnusable(NpgsqlConnection connection, string name)
    {
        if (connection.PostgreSqlVersion.Major < OldestServer)
            throw new StorageStartupException(
                $"{name} is served by PostgreSQL {connection.PostgreSqlVersion}; {OldestServer} is the oldest that is "
                    + "supported. Upgrade the server, or name another one."
            );
        await Require("server_encoding", "UTF8", "Create a database with ENCODING 'UTF8', and name that one");
        await Require(
            "default_transaction_isolation",
            "read committed",
            "ALTER DATABASE … SET default_transaction_isolation = 'read committed'"
        );
        if (await Setting("synchronous_commit") == "off")
            throw new StorageStartupException(
                $"{name} has synchronous_commit = off: a crash of the server would undo what was acknowledged. "
                    + "ALTER DATABASE … SET synchronous_commit = on."
            );

        async Task Require(string setting, string needed, string remedy)
        {
            if (await Setting(setting) is var actual && actual != needed)
                throw new StorageStartupException(
                    $"{name} has {setting} = {actual}, but {needed} is needed. {remedy}."
                );
        }

        async Task<string?> Setting(string setting) => await Scalar(connection, $"SHOW {setting}") as string;
    }

    /// <summary>0: nothing of ours is there yet.</summary>
    private static async Task<int> Version(NpgsqlConnection connection)
    {
        if (await Scalar(connection, "SELECT to_regclass('schema_version')::text") is not string)
            await Execute(
                connection,
                """
                CREATE TABLE schema_version (
                    version     integer     NOT NULL PRIMARY KEY CHECK (version >= 1),
                    migrated_on timestamptz NOT NULL DEFAULT clock_timestamp()
                )
                """
            );
        return Convert.ToInt32(
            await Scalar(connection, "SELECT COALESCE(max(version), 0) FROM schema_version"),
            CultureInfo.InvariantCulture
        );
    }

    private static List<string> Migrations() => [.. Resources("migrations/")];

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = Command(connection, sql);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<object?> Scalar(NpgsqlConnection connection, string sql)
    {
        await using var command = Command(connection, sql);
        return await command.ExecuteScalarAsync();
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql) =>
        new(sql, connection) { CommandTimeout = (int)Patience.TotalSeconds };

    /// <summary>The texts of this dialect's files in a folder, in order of their names.</summary>
    private static IEnumerable<string> Resources(string folder)
    {
        var assembly = Assembly.GetExecutingAssembly();
        return assembly
            .GetManifestResourceNames()
            .Select(name => (Resource: name, Path: name.Replace('\\', '/')))
            .Where(name => name.Path.StartsWith(folder, StringComparison.Ordinal))
            .Where(name => name.Path.EndsWith(".postgres.sql", StringComparison.Ordinal))
            .OrderBy(name => name.Path, StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name.Resource)!);
                return reader.ReadToEnd();
            });
    }
}
