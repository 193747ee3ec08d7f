using GlueOrleans.Grains.Ports;
using Npgsql;

namespace GlueOrleans.Storage.Postgres;

/// <summary>The database that the nodes of a cluster share, checked, brought to this version's schema, and open.</summary>
public sealed class PostgresStorage : IAsyncDisposable, IDisposable
{
    private PostgresStorage(NpgsqlDataSource source, string name)
    {
        DataSource = source;
        Database = new PostgresDatabase(source, name);
        Runs = new PostgresRunStore(Database);
        JobNames = new PostgresJobIndex(Database);
        Bookmarks = new PostgresBookmarkStore(Database);
        var leases = new PostgresLeases(Database);
        (ExecutorNodes, UpkeepLease) = (leases, leases);
        Census = new PostgresRunCensus(Database);
    }

    /// <summary>The run table.</summary>
    public IRunStore Runs { get; }

    /// <summary>The index of job names.</summary>
    public IJobIndex JobNames { get; }

    /// <summary>The bookmarks of jobs.</summary>
    public IBookmarkStore Bookmarks { get; }

    /// <summary>The leases of executor nodes.</summary>
    public IExecutorNodes ExecutorNodes { get; }

    /// <summary>Who does the cluster's upkeep.</summary>
    public IUpkeepLease UpkeepLease { get; }

    /// <summary>The count of runs that have not ended.</summary>
    public IRunCensus Census { get; }

    /// <summary>For the <c>DataSource</c> of Orleans' AdoNet providers: their connections come from the same pool.</summary>
    public NpgsqlDataSource DataSource { get; }

    internal PostgresDatabase Database { get; }

    /// <summary>
    /// Connects, and creates or migrates the schema. Any number of nodes may do so at once. Call it before the silo starts:
    /// Orleans' providers read their statements from the database then.
    /// </summary>
    /// <exception cref="StorageStartupException">The database cannot be used.</exception>
    public static async Task<PostgresStorage> Open(PostgresStorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var parsed = options.Parse();
        var name = PostgresStorageOptions.NameOf(parsed);
        var source = options.CreateDataSource();
        try
        {
            await PostgresSchema.Prepare(source, name);
            return new PostgresStorage(source, name);
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes the connections. What is under way fails.</summary>
    public ValueTask DisposeAsync() => Database.DisposeAsync();

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
