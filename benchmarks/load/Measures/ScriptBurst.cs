using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>
/// How many scripts a node completes in a second when they all come at once, and whether each runs once: a mark in a file is
/// each script's own word for it. Against the same scripts started by this process, as many at a time.
/// </summary>
internal sealed class ScriptBurst : IMeasure
{
    private const int Callers = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public int Number => 9;

    public string Title => "python3 scripts completed/s in a burst, each exactly once";

    public async Task<IReadOnlyList<Comparison>> Run(Bench bench, CancellationToken cancellation)
    {
        var scripts = bench.IsQuick ? 60 : 1000;
        // .NET compiles what runs often for a minute and more, on the cores that the scripts are to have.
        var warmUps = bench.IsQuick ? 20 : 400;
        var atOnce = ScriptNode.AtOnce;
        var node = await ScriptNode.Of(bench);
        var script = node.Script;
        using var glue = new GlueClient(node.Node.Url, bench.Credentials, bench.Clock);
        List<double> once = [];
        var bursts = 0;
        bench.Say("warming up");
        await Burst(warmUps);
        once.Clear();

        var figures = await bench.InTurn(
            bench.FewRounds,
            ($"{scripts} scripts bare, {atOnce} at a time", () => Bare(scripts)),
            ($"{scripts} scripts by StartJobRun, {atOnce} at a time", () => Burst(scripts))
        );
        return
        [
            new Comparison(
                $"{scripts:N0} scripts, {atOnce} at a time",
                "scripts/s",
                figures[1],
                figures[0],
                Goal.RatioAtLeast(0.85)
            ),
            new Comparison(
                $"of {scripts:N0} scripts, ran exactly once",
                "scripts",
                new Series("marks", once),
                null,
                Goal.FigureAtLeast(scripts)
            ),
        ];

        async Task<double> Bare(int count)
        {
            script.Clear();
            var begunAt = bench.Clock.GetTimestamp();
            await Parallel.ForEachAsync(
                Enumerable.Range(0, count),
                new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellation },
                async (number, ending) =>
                {
                    using var process = script.StartBare($"{number}");
                    await process.WaitForExitAsync(ending);
                }
            );
            return count / bench.Clock.GetElapsedTime(begunAt).TotalSeconds;
        }

        async Task<double> Burst(int count)
        {
            script.Clear();
            var job = $"script-burst-{bursts++}";
            await glue.CreateJob(job, cancellation, mayQueue: true, script: script.Location);
            var begunAt = bench.Clock.GetTimestamp();
            await Parallel.ForEachAsync(
                Enumerable.Range(0, count),
                new ParallelOptions { MaxDegreeOfParallelism = Callers, CancellationToken = cancellation },
                async (number, ending) => await glue.StartRun(job, ending, script.Arguments($"{number}"))
            );
            await glue.WaitForAll(job, "SUCCEEDED", count, Patience, cancellation);
            var took = bench.Clock.GetElapsedTime(begunAt);
            once.Add(script.Read().CountBy(mark => mark.Mark).Count(mark => mark.Value == 1));
            return count / took.TotalSeconds;
        }
    }
}
