using GlueOrleans.Benchmarks.Load.Generator;
using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>Whether one job takes as many starts as many jobs do together.</summary>
internal sealed class StartHotJob : IMeasure
{
    private const int Callers = 64;
    private const int JobCount = 1000;

    public int Number => 2;

    public string Title => $"StartJobRun/s of one hot job, {Callers} callers";

    public async Task<IReadOnlyList<Comparison>> Run(Bench bench, CancellationToken cancellation)
    {
        await using var node = await bench.StartNode("running", await bench.CreateDatabase());
        var many = await Jobs.Create(node.Url, bench.Credentials, JobCount, bench.Clock, Jobs.ManyRuns);
        var one = await Jobs.Create(node.Url, bench.Credentials, 1, bench.Clock, Jobs.ManyRuns);
        await using var hot = await Caller.Open(bench, node, Callers, one);
        await using var spread = await Caller.Open(bench, node, Callers, many);
        bench.Say("warming up");
        await spread.WarmUp(Callers, Operation.StartJobRun);
        await hot.WarmUp(Callers, Operation.StartJobRun);
        var series = await bench.InTurn(
            ("one job", () => hot.Rate(Callers, Operation.StartJobRun)),
            ($"{JobCount} jobs", () => spread.Rate(Callers, Operation.StartJobRun))
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
