using Microsoft.Data.Sqlite;

namespace GlueOrleans.Storage.Sqlite;

/// <summary>Where a node that stores in SQLite keeps its databases.</summary>
public sealed class SqliteStorageOptions
{
    /// <summary>
    /// The invariant that makes Orleans' AdoNet provider load <c>Microsoft.Data.Sqlite</c>. It is the name of another
    /// package, which is not used; the obvious name, <c>Microsoft.Data.Sqlite</c>, is not in the provider's list.
    /// </summary>
    public const string OrleansInvariant = "System.Data.SQLite";

    /// <summary>The folder; created, for this user only, if it is missing. Required. One node per folder.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The run table and the index of job names, written by this node's group-commit writer only.</summary>
    public string RunsFile => Path.Combine(Path.GetFullPath(DataFolder), "runs.db");

    /// <summary>
    /// The state of grains, written by Orleans. A file of its own, so that the run writer never waits for its locks.
    /// </summary>
    public string GrainStateFile => Path.Combine(Path.GetFullPath(DataFolder), "grains.db");

    /// <summary>For <c>AdoNetGrainStorageOptions.ConnectionString</c>.</summary>
    /// <remarks>
    /// PRAGMA synchronous is a property of a connection and no connection string can set it. None has to: the SQLite
    /// that Microsoft.Data.Sqlite brings along opens every connection with synchronous = 2 (FULL), also on a WAL file,
    /// so a commit is on disk before it is answered. A test in <c>tests/storage-contract</c> asks it.
    /// </remarks>
    public string GrainStateConnectionString =>
        new SqliteConnectionStringBuilder
        {
            DataSource = GrainStateFile,
            // Without Create: a data folder that is removed under a running node must not come back empty.
            Mode = SqliteOpenMode.ReadWrite,
            DefaultTimeout = (int)SqliteFile.LockPatience.TotalSeconds,
        }.ToString();
}
