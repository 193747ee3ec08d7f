using System.Globalization;
using System.Reflection;
using Microsoft.Data.Sqlite;

namespace GlueOrleans.Storage.Sqlite;

/// <summary>
/// Brings a database file to the schema this version of the program knows, once, while the node starts. Refuses a file
/// that is none of ours and one that a newer version has written.
/// </summary>
/// <remarks>
/// PRAGMA user_version holds the number of the last migration; PRAGMA application_id says whose file it is. Migrations
/// are the embedded files <c>migrations/NNNN_name.sqlite.sql</c>, numbered from 1 without gaps. One transaction takes a
/// file from its version to the newest, so a crash in between leaves it as it was.
/// </remarks>
internal static class SqliteSchema
{
    /// <summary>"GlOr" in ASCII.</summary>
    internal const int ApplicationId = 0x476C4F72;

    /// <summary>Raise this when a table of Orleans' schema changes; its query texts are replaced at every start.</summary>
    private const int OrleansSchemaVersion = 1;

    /// <summary>The version of <c>runs.db</c> that this program writes: that of its last migration.</summary>
    internal static int NewestRuns => Migrations().Count;

    internal static void PrepareRuns(string path)
    {
        var migrations = Migrations();
        Prepare(
            path,
            migrations.Count,
            (connection, version) =>
            {
                foreach (var migration in migrations.Skip(version))
                    SqliteFile.Execute(connection, migration);
            }
        );
    }

    internal static void PrepareGrainStorage(string path) =>
        Prepare(
            path,
            OrleansSchemaVersion,
            (connection, _) => SqliteFile.Execute(connection, ReadResource("orleans/grain_storage.sqlite.sql"))
        );

    private static void Prepare(string path, int newest, Action<SqliteConnection, int> bringUp)
    {
        try
        {
            using var connection = SqliteFile.OpenOrCreate(path);
            RefuseForeign(connection, path);
            var version = Number(connection, "PRAGMA user_version");
            if (version > newest)
                throw new StorageStartupException(
                    $"The database '{path}' has schema version {version}; this program knows versions up to {newest}. "
                        + "A newer version of the program has written it: use that one, or name another data folder."
                );

            var journal = SqliteFile.Scalar(connection, "PRAGMA journal_mode = WAL") as string;
            if (journal != "wal")
                throw new StorageStartupException(
                    $"The database '{path}' cannot use a write-ahead log (its journal mode is '{journal}'). "
                        + "Network file systems cannot: name a data folder on a local disk."
                );

            using var transaction = connection.BeginTransaction(deferred: false);
            bringUp(connection, version);
            SqliteFile.Execute(
                connection,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {newest};"
                )
            );
            transaction.Commit();
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.AtStartup(path, e);
        }
    }

    private static void RefuseForeign(SqliteConnection connection, string path)
    {
        var isEmpty = Number(connection, "SELECT count(*) FROM sqlite_schema") == 0;
        if (!isEmpty && Number(connection, "PRAGMA application_id") != ApplicationId)
            throw new StorageStartupException(
                $"The database '{path}' belongs to another program. Move it away, or name another data folder."
            );
    }

    private static int Number(SqliteConnection connection, string sql) =>
        Convert.ToInt32(SqliteFile.Scalar(connection, sql), CultureInfo.InvariantCulture);

    private static List<string> Migrations() =>
        [
            .. Assembly
                .GetExecutingAssembly()
                .GetManifestResourceNames()
                .Select(name => name.Replace('\\', '/'))
                .Where(name => name.StartsWith("migrations/", StringComparison.Ordinal))
                .Where(name => name.EndsWith(".sqlite.sql", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(ReadResource),
        ];

    private static string ReadResource(string name)
    {
        var assembly = Assembly.GetExecutingAssembly();
        using var stream =
            assembly.GetManifestResourceStream(name)
            ?? assembly.GetManifestResourceStream(name.Replace('/', '\\'))
            ?? throw new InvalidOperationException($"'{name}' is not embedded in {assembly.GetName().Name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
