using System.Globalization;
using GlueOrleans.Benchmarks.Load.Generator;
using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;
using GlueOrleans.Benchmarks.Load.Yardsticks;
using Npgsql;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>How many runs go their whole way, which is three durable states: created, RUNNING, SUCCEEDED.</summary>
internal sealed class WholeRuns : IMeasure
{
    private const int Callers = 64;
    private const int JobCount = 1000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    public int Number => 3;

    public string Title => $"whole runs/s, to SUCCEEDED, {Callers} callers";

    public async Task<IReadOnlyList<Comparison>> Run(Bench bench, CancellationToken cancellation)
    {
        var database = await bench.CreateDatabase();
        await using var source = NpgsqlDataSource.Create(database);
        await using var node = await bench.StartNode("succeed", database);
        var jobs = await Jobs.Create(node.Url, bench.Credentials, JobCount, bench.Clock, Jobs.ManyRuns);
        await using var pgbench = await PgBench.Prepare(await RunTable.Create(database), JobCount);
        await using var caller = await Caller.Open(bench, node, Callers, jobs);
        bench.Say("warming up");
        await caller.WarmUp(Callers, Operation.StartJobRun);
        await AllEnded();
        var drain = TimeSpan.Zero;
        var series = await bench.InTurn(("whole runs", Rate), ("pgbench", () => pgbench.Rate(Callers, bench.Duration)));
        return
        [
            new Comparison(
                $"whole runs, {Callers} callers",
                "/s",
                series[0],
                series[1],
                Goal.RatioAtLeast(0.5),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{caller.Note}; the last run ended {drain.TotalSeconds:N1} s after the last start"
                )
            ),
        ];

        async Task<double> Rate()
        {
            var before = await Count("state = 'SUCCEEDED'");
            var begunAt = bench.Clock.GetTimestamp();
            await caller.Rate(Callers, Operation.StartJobRun);
            var started = bench.Clock.GetElapsedTime(begunAt);
            await AllEnded();
            var took = bench.Clock.GetElapsedTime(begunAt);
            drain = took - started;
            var succeeded = await Count("state = 'SUCCEEDED'") - before;
            return succeeded >= caller.Last!.Tally.Accepted
                ? succeeded / took.TotalSeconds
                : throw new CannotMeasureException(
                    $"Of {caller.Last.Tally.Accepted} runs that were started only {succeeded} have succeeded."
                );
        }

        // The index of what is unfinished has only the queue in it.
        async Task AllEnded()
        {
            var begunAt = bench.Clock.GetTimestamp();
            while (await Count("completed_on IS NULL") is > 0 and var left)
            {
                if (bench.Clock.GetElapsedTime(begunAt) > Patience)
                    throw new CannotMeasureException(
                        $"{left} runs have not ended {Patience.TotalSeconds} s after the last start."
                    );
                await Task.Delay(Pause, bench.Clock, cancellation);
            }
        }

        async Task<long> Count(string which)
        {
            await using var command = source.CreateCommand($"SELECT count(*) FROM runs WHERE {which}");
            return (long)(await command.ExecuteScalarAsync(cancellation))!;
        }
    }
}
