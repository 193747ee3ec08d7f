using System.Globalization;
using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;

namespace GlueOrleans.Benchmarks.Load.Yardsticks;

/// <summary>How often PostgreSQL commits a row like the node's for clients that do nothing else: by pgbench, or, where that is not
/// installed, by a program of ours that does the same.</summary>
internal sealed class RowCommits : IAsyncDisposable
{
    private readonly PgBench? _pgbench;
    private readonly RunTable _table;
    private readonly int _jobs;

    private RowCommits(PgBench? pgbench, RunTable table, int jobs) =>
        (_pgbench, _table, _jobs) = (pgbench, table, jobs);

    public string Name => _pgbench is null ? "INSERT and COMMIT (no pgbench)" : "pgbench";

    /// <summary>What is to be reached of pgbench; what takes its place does less, and is only shown.</summary>
    public Goal AtLeast(double least) => _pgbench is null ? Goal.None() : Goal.RatioAtLeast(least);

    /// <summary>Those in the database of the node that measures share.</summary>
    public static Task<RowCommits> Of(Bench bench, NodeWithJobs node) =>
        bench.Shared(nameof(RowCommits), () => Prepare(node.Database, bench.ManyJobs));

    private static async Task<RowCommits> Prepare(string database, int jobs)
    {
        var table = await RunTable.Create(database);
        return new RowCommits(await PgBench.Prepare(table, jobs), table, jobs);
    }

    /// <summary>Commits a second.</summary>
    /// <param name="clients">At a time.</param>
    /// <param name="duration">How long.</param>
    public Task<double> Rate(int clients, TimeSpan duration) =>
        _pgbench is not null
            ? _pgbench.Rate(clients, duration)
            : YardstickProcess.Rate(
                "postgres",
                clients,
                duration,
                "--database",
                _table.Connection.ToString(),
                "--jobs",
                _jobs.ToString(CultureInfo.InvariantCulture)
            );

    public async ValueTask DisposeAsync()
    {
        if (_pgbench is not null)
            await _pgbench.DisposeAsync();
    }
}
