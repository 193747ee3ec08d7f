using GlueOrleans.Benchmarks.Load.Generator;
using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;
using GlueOrleans.Benchmarks.Load.Yardsticks;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>What writing in groups makes of SQLite.</summary>
internal sealed class StartRunsEmbedded : IMeasure
{
    private const int Callers = 64;
    private const int JobCount = 100;

    public int Number => 4;

    public string Title => $"StartJobRun/s on the embedded node (SQLite), {Callers} callers";

    public async Task<IReadOnlyList<Comparison>> Run(Bench bench, CancellationToken cancellation)
    {
        await using var node = await bench.StartNode("running", database: null);
        var jobs = await Jobs.Create(node.Url, bench.Credentials, JobCount, bench.Clock, Jobs.ManyRuns);
        await using var caller = await Caller.Open(bench, node, Callers, jobs);
        bench.Say("warming up");
        await caller.WarmUp(Callers, Operation.StartJobRun);
        var runs = Path.Combine(node.DataFolder, "runs.db");
        var series = await bench.InTurn(
            ("StartJobRun on SQLite", () => caller.Rate(Callers, Operation.StartJobRun)),
            ("INSERT and COMMIT", () => SqliteCommits.Rate(runs, Callers, bench.Duration))
        );
        return
        [
            new Comparison(
                $"StartJobRun on SQLite, {Callers} callers",
                "/s",
                series[0],
                series[1],
                Goal.RatioAtLeast(5),
                caller.Note
            ),
        ];
    }
}
