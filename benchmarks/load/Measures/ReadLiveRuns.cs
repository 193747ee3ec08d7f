using GlueOrleans.Benchmarks.Load.Generator;
using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>How often a run that has not ended can be asked for, of what the web server could do at most.</summary>
internal sealed class ReadLiveRuns : IMeasure
{
    private const int Callers = 64;

    public int Number => 5;

    public string Title => "GetJobRun/s of live runs, signed";

    public async Task<IReadOnlyList<Comparison>> Run(Bench bench, CancellationToken cancellation)
    {
        var node = await NodeWithJobs.Of(bench);
        await using var empty = await bench.StartWebYardstick(database: null);
        await using var caller = await Caller.Open(bench, node.Node, Callers, node.Jobs);
        await using var other = await Caller.Open(bench, empty, Callers, node.Jobs);
        bench.Say("warming up");
        await caller.WarmUp(Callers, Operation.GetJobRun);
        await other.WarmUp(Callers, Operation.GetJobRun);
        var series = await bench.InTurn(
            ("GetJobRun", () => caller.Rate(Callers, Operation.GetJobRun)),
            ("empty POST", () => other.Rate(Callers, Operation.GetJobRun))
        );
        return
        [
            new Comparison(
                $"GetJobRun of live runs, {Callers} callers",
                "/s",
                series[0],
                series[1],
                Goal.RatioAtLeast(0.5),
                caller.Note
            ),
        ];
    }
}
