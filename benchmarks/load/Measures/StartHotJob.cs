using GlueOrleans.Benchmarks.Load.Generator;
using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>Whether one job takes as many starts as many jobs do together.</summary>
internal sealed class StartHotJob : IMeasure
{
    private const int Callers = 64;

    public int Number => 2;

    public string Title => $"StartJobRun/s of one hot job, {Callers} callers";

    public async Task<IReadOnlyList<Comparison>> Run(Bench bench, CancellationToken cancellation)
    {
        var node = await NodeWithJobs.Of(bench);
        var one = await Jobs.Create(node.Node.Url, bench.Credentials, 1, bench.Clock, Jobs.ManyRuns);
        await using var hot = await Caller.Open(bench, node.Node, Callers, one);
        await using var spread = await Caller.Open(bench, node.Node, Callers, node.Jobs);
        bench.Say("warming up");
        await spread.WarmUp(Callers, Operation.StartJobRun, areToEnd: true);
        await hot.WarmUp(Callers, Operation.StartJobRun, areToEnd: true);
        var series = await bench.InTurn(
            ("one job", () => hot.Rate(Callers, Operation.StartJobRun)),
            ($"{bench.ManyJobs:N0} jobs", () => spread.Rate(Callers, Operation.StartJobRun))
        );
        return
        [
            new Comparison(
                $"StartJobRun of one job, {Callers} callers",
                "/s",
                series[0],
                series[1],
                Goal.RatioAtLeast(0.9),
                hot.Note
            ),
        ];
    }
}
