using GlueOrleans.Grains.Ports;
using Microsoft.Data.Sqlite;

namespace GlueOrleans.Storage.Sqlite;

/// <summary>The databases of one data folder, checked, brought to this version's schema, and open.</summary>
public sealed class SqliteStorage : IAsyncDisposable, IDisposable
{
    private readonly SqliteStorageOptions _options;
    private int _isDisposed;

    private SqliteStorage(SqliteStorageOptions options, TimeProvider clock)
    {
        _options = options;
        Database = new SqliteDatabase(options.RunsFile, clock);
        Runs = new SqliteRunStore(Database);
        JobNames = new SqliteJobIndex(Database);
        Bookmarks = new SqliteBookmarkStore(Database);
        Census = new SqliteRunCensus(Database);
    }

    /// <summary>The run table.</summary>
    public IRunStore Runs { get; }

    /// <summary>The index of job names.</summary>
    public IJobIndex JobNames { get; }

    /// <summary>The bookmarks of jobs.</summary>
    public IBookmarkStore Bookmarks { get; }

    /// <summary>The count of runs that have not ended.</summary>
    public IRunCensus Census { get; }

    internal SqliteDatabase Database { get; }

    /// <summary>
    /// Creates or opens both databases. Call it before the silo starts: Orleans' storage provider reads its statements
    /// from the grain state file then.
    /// </summary>
    /// <exception cref="StorageStartupException">The folder or a file cannot be used.</exception>
    public static SqliteStorage Open(SqliteStorageOptions options, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(options);
        CreateFolder(options.DataFolder);
        try
        {
            SqliteSchema.PrepareRuns(options.RunsFile);
            SqliteSchema.PrepareGrainStorage(options.GrainStateFile);
            return new SqliteStorage(options, clock);
        }
        catch (SqliteException e)
        {
            throw SqliteErrors.AtStartup(options.RunsFile, e);
        }
    }

    /// <summary>Finishes the writes that are queued, moves the logs into the databases, and closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await Database.DisposeAsync();
        // Orleans' provider leaves its connections in a pool, which would keep the file open.
        using var pooled = new SqliteConnection(_options.GrainStateConnectionString);
        SqliteConnection.ClearPool(pooled);
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <remarks>For this user only: arguments of runs may hold secrets. A folder that exists keeps its mode.</remarks>
    private static void CreateFolder(string folder)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(folder);
            else
                Directory.CreateDirectory(
                    folder,
                    UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StorageStartupException(
                $"The data folder '{folder}' cannot be created: {e.Message} "
                    + "Name a folder that the user this process runs as may create and write to.",
                e
            );
        }
    }
}
