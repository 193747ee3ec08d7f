using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>
/// How long it takes from StartJobRun's call until a script's first line is reached, on a node that has nothing else to do.
/// Against the same script started by this process.
/// </summary>
/// <remarks>The script says itself when it began, so how soon anybody sees that is not in the figures.</remarks>
internal sealed class ScriptStart : IMeasure
{
    private const string Job = "script-start";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public int Number => 8;

    public string Title => "From StartJobRun's call to the first line of a python3 script";

    public async Task<IReadOnlyList<Comparison>> Run(Bench bench, CancellationToken cancellation)
    {
        var (starts, warmUps) = bench.IsQuick ? (20, 10) : (100, 200);
        var node = await ScriptNode.Of(bench);
        var script = node.Script;
        using var glue = new GlueClient(node.Node.Url, bench.Credentials, bench.Clock);
        await glue.CreateJob(Job, cancellation, script: script.Location);
        var taken = 0;
        bench.Say("warming up");
        for (var i = 0; i < warmUps; i++)
            await Start();

        // One try takes both figures of its rounds.
        List<IReadOnlyList<TimeSpan>> byNode = [];
        List<IReadOnlyList<TimeSpan>> bare = [];
        await bench.InTurn(
            ($"{starts} scripts started bare", () => Try(bare, StartBare)),
            ($"{starts} scripts started by StartJobRun", () => Try(byNode, Start))
        );
        return [Compare("p50", 50, Goal.RatioAtMost(1.25)), Compare("p99", 99, Goal.ExcessAtMost(15))];

        async Task<double> Try(List<IReadOnlyList<TimeSpan>> rounds, Func<Task<TimeSpan>> start)
        {
            var times = new TimeSpan[starts];
            for (var i = 0; i < starts; i++)
                times[i] = await start();
            rounds.Add(times);
            return Percentile.Of(times, 50);
        }

        async Task<TimeSpan> Start()
        {
            var mark = $"{taken++}";
            var calledAt = bench.Clock.GetTimestamp();
            var run = await glue.StartRun(Job, cancellation, script.Arguments(mark));
            var begunAt = await script.Wait(mark, Patience, cancellation);
            // The next one finds the node idle again.
            await glue.WaitFor(Job, run, "SUCCEEDED", Patience, cancellation);
            return bench.Clock.GetElapsedTime(calledAt, begunAt);
        }

        async Task<TimeSpan> StartBare()
        {
            var mark = $"{taken++}";
            var calledAt = bench.Clock.GetTimestamp();
            using var process = script.StartBare(mark);
            var begunAt = await script.Wait(mark, Patience, cancellation);
            await process.WaitForExitAsync(cancellation);
            return bench.Clock.GetElapsedTime(calledAt, begunAt);
        }

        Comparison Compare(string what, double percent, Goal goal) =>
            new(
                what,
                "ms",
                new Series("StartJobRun", [.. byNode.Select(round => Percentile.Of(round, percent))]),
                new Series("bare", [.. bare.Select(round => Percentile.Of(round, percent))]),
                goal
            );
    }
}
