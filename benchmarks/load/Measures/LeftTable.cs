using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;
using Npgsql;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>What a node that was killed has left: a database, of which each start gets a copy, and a data folder.</summary>
internal sealed class LeftTable : IAsyncDisposable
{
    private const string Prefix = "left-";
    private const string Template = "left-template";
    private const int AtATime = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The killed node's silo would be declared dead after a few seconds, and its upkeep's lease run out: what begins
    /// then is to begin at once. Its executor's lease has not run out, whenever the next node starts.</summary>
    private const string AtOnce = """
        DELETE FROM OrleansMembershipTable;
        DELETE FROM upkeep_leases;
        UPDATE executor_nodes SET expires_at = clock_timestamp() + interval '10 minutes'
        """;

    /// <summary>Runs that are RUNNING, on a node that has not lost them.</summary>
    private const string TakenUp = """
        SELECT count(*) FROM runs r
        JOIN executor_nodes n ON n.name = r.executor_node AND n.epoch = r.executor_epoch
        WHERE r.state = 'RUNNING'
        """;

    private readonly Bench _bench;
    private readonly string _full;
    private readonly string _folder = Directory.CreateTempSubdirectory("glue-left-").FullName;
    private string _empty = "";
    private (string Job, string Run, string State) _askedOfFull;
    private (string Job, string Run, string State) _askedOfEmpty;
    private long _running;

    private LeftTable(Bench bench, string database) => (_bench, _full) = (bench, database);

    /// <param name="bench">Starts the node.</param>
    /// <param name="jobs">How many, at least 1.</param>
    /// <param name="running">Runs of each that are RUNNING: as many as it may have at a time.</param>
    /// <param name="waiting">Runs of each that are WAITING.</param>
    /// <param name="cancellation">Of the measurement.</param>
    public static async Task<LeftTable> Make(
        Bench bench,
        int jobs,
        int running,
        int waiting,
        CancellationToken cancellation
    )
    {
        var table = new LeftTable(bench, await bench.CreateDatabase());
        try
        {
            await table.Fill(jobs, running, waiting, cancellation);
            return table;
        }
        catch
        {
            await table.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a node on a copy, and kills it once it has answered.</summary>
    /// <returns>Seconds until then.</returns>
    public Task<double> Start(CancellationToken cancellation) => Start(_full, _askedOfFull, _running, cancellation);

    /// <summary>The same, when all runs but one have gone, and that one has ended.</summary>
    /// <returns>Seconds until then.</returns>
    public Task<double> StartWithNone(CancellationToken cancellation) =>
        Start(_empty, _askedOfEmpty, running: 0, cancellation);

    private async Task<double> Start(
        string database,
        (string Job, string Run, string State) asked,
        long running,
        CancellationToken cancellation
    )
    {
        await using var server = Server();
        var copy = await Copy(server, database, cancellation);
        try
        {
            await using var source = RunSeeds.Open(copy.ToString());
            await RunSeeds.Execute(source, AtOnce, cancellation);
            await RunSeeds.Execute(source, "CHECKPOINT", cancellation);
            var begunAt = _bench.Clock.GetTimestamp();
            await using var node = await Node(copy.ToString());
            using var glue = new GlueClient(node.Url, _bench.Credentials, _bench.Clock);
            var state = await glue.StateOf(asked.Job, asked.Run, cancellation);
            var took = _bench.Clock.GetElapsedTime(begunAt);
            if (state != asked.State)
                throw new CannotMeasureException($"A run that was {asked.State} is {state} after the restart.");
            await using var count = source.CreateCommand(TakenUp);
            return (long)(await count.ExecuteScalarAsync(cancellation))! == running
                ? took.TotalSeconds
                : throw new CannotMeasureException("Runs that were RUNNING are not after the restart.");
        }
        finally
        {
            await RunSeeds.Execute(server, $"DROP DATABASE {copy.Database} WITH (FORCE)", CancellationToken.None);
        }
    }

    private NpgsqlDataSource Server() =>
        RunSeeds.Open(new NpgsqlConnectionStringBuilder(_full) { Database = "postgres" }.ToString());

    private static async Task<NpgsqlConnectionStringBuilder> Copy(
        NpgsqlDataSource server,
        string database,
        CancellationToken cancellation
    )
    {
        var copy = new NpgsqlConnectionStringBuilder(database) { Database = $"left_{Guid.NewGuid():N}" };
        var original = new NpgsqlConnectionStringBuilder(database).Database;
        await RunSeeds.Execute(server, $"CREATE DATABASE {copy.Database} TEMPLATE {original}", cancellation);
        return copy;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task Fill(int jobs, int running, int waiting, CancellationToken cancellation)
    {
        _bench.Say($"making {jobs:N0} jobs with {jobs * (running + waiting):N0} unfinished runs");
        string ended;
        string run;
        string other;
        await using (var node = await Node(_full))
        {
            using var glue = new GlueClient(node.Url, _bench.Credentials, _bench.Clock);
            await glue.CreateJob(Template, cancellation, maxConcurrentRuns: 1, mayQueue: true);
            ended = await glue.StartRun(Template, cancellation, Jobs.EndAtOnce);
            await glue.WaitFor(Template, ended, "SUCCEEDED", Patience, cancellation);
            run = await glue.StartRun(Template, cancellation);
            await glue.WaitFor(Template, run, "RUNNING", Patience, cancellation);
            other = await glue.StartRun(Template, cancellation);
            await glue.WaitFor(Template, other, "WAITING", Patience, cancellation);
            await Parallel.ForEachAsync(
                Enumerable.Range(0, jobs),
                new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellation },
                async (number, ending) =>
                    await glue.CreateJob(RunSeeds.JobName(Prefix, number), ending, running, mayQueue: true)
            );
        }

        // The node has gone, as it would be if it was killed.
        await using var server = Server();
        _empty = (await Copy(server, _full, cancellation)).ToString();
        _askedOfEmpty = (Template, ended, "SUCCEEDED");
        await using (var source = RunSeeds.Open(_empty))
            await RunSeeds.Execute(source, "DELETE FROM runs WHERE completed_on IS NULL", cancellation);
        await RunSeeds.Settle(_empty, cancellation);

        await RunSeeds.CopyRun(_full, run, Prefix, jobs, first: 1, running, cancellation);
        await RunSeeds.CopyRun(_full, other, Prefix, jobs, first: running + 1, waiting, cancellation);
        await RunSeeds.Settle(_full, cancellation);
        var job = RunSeeds.JobName(Prefix, jobs / 2);
        _askedOfFull = (job, RunSeeds.RunId(job, 1), "RUNNING");
        _running = 1 + ((long)jobs * running);
    }

    /// <summary>One on this folder that is ready.</summary>
    private async Task<LocalNode> Node(string database)
    {
        var node = await LocalNode.Start(
            NodeProgram.Simulated,
            cpus: null,
            ["--Simulated:Outcome=running", .. LocalNode.InCluster(database)],
            _bench.Credentials,
            _folder
        );
        try
        {
            await _bench.BeReady(node);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }
}
