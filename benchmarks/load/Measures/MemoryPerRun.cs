using GlueOrleans.Benchmarks.Load.Generator;
using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;
using Npgsql;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>
/// By how many bytes a node's managed heap grows for one more run. After a full collection (<c>MemoryProbe</c>), and when as many
/// runs have been as fill what the node keeps for any number of them: pools, compiled code, caches of a fixed size.
/// </summary>
/// <param name="of">The runs, for a reader.</param>
/// <param name="state">In which they are when the heap is looked at.</param>
/// <param name="passing">State in which they are on their way there.</param>
/// <param name="maxConcurrentRuns">Of each job.</param>
/// <param name="most">Bytes that a run may take.</param>
/// <param name="areToEnd">Whether their scripts end at once.</param>
internal sealed class MemoryPerRun(
    string of,
    string state,
    string passing,
    int maxConcurrentRuns,
    double most,
    bool areToEnd = false
) : IMeasure
{
    private const int Callers = 64;
    private const int JobCount = 100;

    /// <summary>After so many of these runs what is done for them has been compiled, and pools and caches are full.</summary>
    private const int First = 3000;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    public static MemoryPerRun Running() => new("RUNNING", "RUNNING", "STARTING", Jobs.ManyRuns, 6 * 1024);

    public static MemoryPerRun Waiting() => new("WAITING", "WAITING", "STARTING", 1, 400);

    /// <summary>None at all; what a collection leaves or takes by chance is not a run's.</summary>
    public static MemoryPerRun Finished() => new("finished", "SUCCEEDED", "RUNNING", Jobs.ManyRuns, 16, areToEnd: true);

    public int Number => 10;

    public string Title => $"Memory per {of} run";

    public async Task<IReadOnlyList<Comparison>> Run(Bench bench, CancellationToken cancellation)
    {
        var node = await NodeWithJobs.ThatKeepsLittle(bench);
        bench.Say($"starting runs that shall be {state}");
        var jobs = await Jobs.Create(
            node.Node.Url,
            bench.Credentials,
            JobCount,
            bench.Clock,
            maxConcurrentRuns,
            mayQueue: true
        );
        await using var caller = await Caller.Open(bench, node.Node, Callers, jobs);
        await using var source = NpgsqlDataSource.Create(node.Database);
        var rows = new RunRows(source, bench.Clock, cancellation);
        using var glue = new GlueClient(node.Node.Url, bench.Credentials, bench.Clock);
        await StartUntil(await rows.Count("true") + First);
        var (before, heap) = (await rows.Count($"state = '{state}'"), await Heap());
        bench.Say("starting more of them");
        await StartUntil(await rows.Count("true") + (bench.IsQuick ? 4000 : 20_000));
        var more = await rows.Count($"state = '{state}'") - before;
        var bytes = new Series(of, [(await Heap() - heap) / more]);
        return [new Comparison($"{more:N0} runs more, {of}", "bytes/run", bytes, null, Goal.FigureAtMost(most))];

        async Task StartUntil(long runs)
        {
            while (await rows.Count("true") < runs)
                await caller.Rate(Callers, Operation.StartJobRun, areToEnd);
            await rows.AreGone($"state IN ('STARTING', '{passing}') AND {RunRows.ByCallers}");
        }

        // Once no grain comes or goes any more.
        async Task<double> Heap()
        {
            var grains = -1;
            while (true)
            {
                var now = await glue.Get("/simulated/memory", cancellation);
                if ((int)now["grains"]! == grains)
                    return (double)now["heap"]!;
                grains = (int)now["grains"]!;
                await Task.Delay(Look, bench.Clock, cancellation);
            }
        }
    }
}
