using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>
/// By how many bytes a node's managed heap grows for one more run: that runs, that waits, that has ended. After a full
/// collection (<c>MemoryProbe</c>), and when as many have been as fill what the node keeps for any number of runs: pools, compiled
/// code, caches of a fixed size.
/// </summary>
internal sealed class MemoryPerRun : IMeasure
{
    private const int Callers = 64;
    private const int RunsOfJob = 40;
    private const string Prefix = "memory-";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    public int Number => 10;

    public string Title => "Memory per RUNNING run, per WAITING run, per finished run";

    public async Task<IReadOnlyList<Comparison>> Run(Bench bench, CancellationToken cancellation)
    {
        var (least, most) = bench.IsQuick ? (1000, 4000) : (5000, 40_000);
        // Orleans' cache of where grains live is larger than that (silo/Clustering/DirectoryCache.cs).
        var (leastEnded, mostEnded) = bench.IsQuick ? (12_000, 15_000) : (12_000, 48_000);
        // Compared with nothing, so once is enough.
        var figures = await bench.InTurn(
            rounds: 1,
            ("RUNNING", () => Grow("running", "RUNNING", maxConcurrentRuns: 1_000_000, least, most)),
            ("WAITING", () => Grow("running", "WAITING", maxConcurrentRuns: 1, least, most)),
            ("finished", () => Grow("succeed", "SUCCEEDED", maxConcurrentRuns: 1_000_000, leastEnded, mostEnded))
        );
        return
        [
            Compare(figures[0], least, most, 6 * 1024),
            Compare(figures[1], least, most, 400),
            // None at all; what a collection leaves or takes by chance is not a run's.
            Compare(figures[2], leastEnded, mostEnded, 16),
        ];

        Comparison Compare(Series series, int from, int to, double goal) =>
            new($"{from:N0} to {to:N0} runs, {series.Of}", "bytes/run", series, null, Goal.FigureAtMost(goal));

        async Task<double> Grow(string outcome, string state, int maxConcurrentRuns, int from, int to)
        {
            await using var node = await bench.StartNode(outcome, await bench.CreateDatabase());
            using var glue = new GlueClient(node.Url, bench.Credentials, bench.Clock);
            string[] jobs = [.. Enumerable.Range(0, to / RunsOfJob).Select(number => $"{Prefix}{number:D5}")];
            await Each(jobs, (job, ending) => glue.CreateJob(job, ending, maxConcurrentRuns, mayQueue: true));
            // Every job is awake, and its first slot taken.
            await Each(jobs, (job, ending) => glue.StartRun(job, ending));
            var (before, started) = (0.0, 0);
            foreach (var runs in (int[])[from, to])
            {
                bench.Say($"starting {runs - started:N0} runs that shall be {state}");
                var more = (runs - started) / jobs.Length;
                await Each(
                    [.. Enumerable.Repeat(jobs, more).SelectMany(all => all)],
                    (job, ending) => glue.StartRun(job, ending)
                );
                started = runs;
                if (state != "WAITING")
                    await Each(
                        jobs,
                        (job, ending) => glue.WaitForAll(job, state, 1 + (runs / jobs.Length), Patience, ending)
                    );
                if (runs == from)
                    before = await Heap(glue);
            }

            return (await Heap(glue) - before) / (to - from);
        }

        Task Each(IReadOnlyList<string> jobs, Func<string, CancellationToken, Task> act) =>
            Parallel.ForEachAsync(
                jobs,
                new ParallelOptions { MaxDegreeOfParallelism = Callers, CancellationToken = cancellation },
                async (job, ending) => await act(job, ending)
            );

        // Once no grain comes or goes any more.
        async Task<double> Heap(GlueClient glue)
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
