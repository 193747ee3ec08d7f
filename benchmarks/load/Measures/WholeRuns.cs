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
    private const string GoOn = $"completed_on IS NULL AND {RunRows.ByCallers}";

    public int Number => 3;

    public string Title => $"whole runs/s, to SUCCEEDED, {Callers} callers";

    public async Task<IReadOnlyList<Comparison>> Run(Bench bench, CancellationToken cancellation)
    {
        var node = await NodeWithJobs.Of(bench);
        await using var source = NpgsqlDataSource.Create(node.Database);
        var runs = new RunRows(source, bench.Clock, cancellation);
        var rows = await RowCommits.Of(bench, node);
        await using var caller = await Caller.Open(bench, node.Node, Callers, node.Jobs);
        bench.Say("warming up");
        await caller.WarmUp(Callers, Operation.StartJobRun, areToEnd: true);
        await runs.AreGone(GoOn);
        var drain = TimeSpan.Zero;
        var series = await bench.InTurn(("whole runs", Rate), (rows.Name, () => rows.Rate(Callers, bench.Duration)));
        return
        [
            new Comparison(
                $"whole runs, {Callers} callers",
                "/s",
                series[0],
                series[1],
                rows.AtLeast(0.5),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{caller.Note}; the last run ended {drain.TotalSeconds:N1} s after the last start"
                )
            ),
        ];

        async Task<double> Rate()
        {
            var before = await runs.Count("state = 'SUCCEEDED'");
            var begunAt = bench.Clock.GetTimestamp();
            await caller.Rate(Callers, Operation.StartJobRun, areToEnd: true);
            var started = bench.Clock.GetElapsedTime(begunAt);
            await runs.AreGone(GoOn);
            var took = bench.Clock.GetElapsedTime(begunAt);
            drain = took - started;
            var succeeded = await runs.Count("state = 'SUCCEEDED'") - before;
            return succeeded >= caller.Last!.Tally.Accepted
                ? succeeded / took.TotalSeconds
                : throw new CannotMeasureException(
                    $"Of {caller.Last.Tally.Accepted} runs that were started only {succeeded} have succeeded."
                );
        }
    }
}
