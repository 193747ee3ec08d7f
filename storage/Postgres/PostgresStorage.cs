using GlueOrleans.Grains.Ports;
using Npgsql;

namespace GlueOrleans.Storage.Postgres;

/// <summary>The database that the nodes of a cluster share, checked, brought to this version's schema, and open.</summary>
public sealed class PostgresStorage : IAsyncDisposable, IDisposable
{
    private readonly RunWriter _writer;

    private PostgresStorage(NpgsqlDataSource source, string name, TimeSpan patience)
    {
        DataSource = source;
        Database = new PostgresDatabase(source, name);
        _writer = new RunWriter(Database, patience, TimeProvider.System);
        Runs = new PostgresRunStore(Database, _writer);
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
            return new PostgresStorage(source, name, PatienceOf(parsed));
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>Finishes the writes that wait, and closes the connections. What else is under way fails.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writer.Close();
        await Database.DisposeAsync();
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>How long a write of a run waits for its turn. 0 is Npgsql's word for no end.</summary>
    private static TimeSpan PatienceOf(NpgsqlConnectionStringBuilder parsed) =>
        TimeSpan.FromSeconds(parsed.CommandTimeout > 0 ? parsed.CommandTimeout : PostgresStorageOptions.CommandTimeout);
}
