using GlueOrleans.Benchmarks.Load.Generator;
using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;
using GlueOrleans.Benchmarks.Load.Yardsticks;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>How many runs can be started, against how many rows the database commits for whoever does nothing else.</summary>
internal sealed class StartRuns : IMeasure
{
    /// <summary>By callers: what is to be reached of pgbench, and of the endpoint.</summary>
    private static readonly (int Callers, double? OfPgBench, double OfEndpoint)[] Goals =
    [
        (1, null, 0.8),
        (16, null, 1.0),
        (64, 1.0, 1.5),
    ];

    public int Number => 1;

    public string Title => "StartJobRun/s, 1 / 16 / 64 callers, many jobs, PostgreSQL, runs stay RUNNING";

    public async Task<IReadOnlyList<Comparison>> Run(Bench bench, CancellationToken cancellation)
    {
        var most = Goals.Max(goal => goal.Callers);
        var node = await NodeWithJobs.Of(bench);
        var rows = await RowCommits.Of(bench, node);
        await using var endpoint = await bench.StartWebYardstick(node.Database);
        await using var caller = await Caller.Open(bench, node.Node, most, node.Jobs);
        await using var other = await Caller.Open(bench, endpoint, most, node.Jobs);
        bench.Say("warming up");
        await caller.WarmUp(most, Operation.StartJobRun, areToEnd: true);
        await other.WarmUp(most, Operation.StartJobRun);

        var comparisons = new List<Comparison>();
        // The few first: all runs that were started go on, and each costs the node something.
        foreach (var (callers, ofPgBench, ofEndpoint) in Goals)
        {
            cancellation.ThrowIfCancellationRequested();
            var what = $"StartJobRun, {callers} caller{(callers == 1 ? "" : "s")}";
            var series = await bench.InTurn(
                (what, () => caller.Rate(callers, Operation.StartJobRun)),
                (rows.Name, () => rows.Rate(callers, bench.Duration)),
                ("minimal endpoint", () => other.Rate(callers, Operation.StartJobRun))
            );
            comparisons.Add(
                new Comparison(
                    what,
                    "/s",
                    series[0],
                    series[1],
                    ofPgBench is { } least ? rows.AtLeast(least) : Goal.None(),
                    caller.Note
                )
            );
            comparisons.Add(new Comparison(what, "/s", series[0], series[2], Goal.RatioAtLeast(ofEndpoint)));
        }

        return comparisons;
    }
}
