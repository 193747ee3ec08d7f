using System.Text.Json.Nodes;
using GlueOrleans.Benchmarks.Load.Generator;
using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>What a run costs, from its start to its end, when there are ten thousand jobs and a million runs before it. Against
/// the same with ten jobs and a thousand runs.</summary>
/// <remarks>Scripts end at once, so that nothing piles up but history: a node on which they stayed would have more to do in
/// every round. Each history has a node and a database of its own.</remarks>
internal sealed class HistoryStarts : IMeasure
{
    private const int Callers = 64;
    private const int RunsOfJob = 100;
    private const int Seed = 7;

    public int Number => 7;

    public string Title => "StartJobRun's cost with a long history and many jobs";

    public async Task<IReadOnlyList<Comparison>> Run(Bench bench, CancellationToken cancellation)
    {
        var manyJobs = bench.IsQuick ? 500 : 10_000;
        var few = await History.Short(bench, cancellation);
        await using var many = await History.Make(bench, manyJobs, manyJobs * RunsOfJob, cancellation);
        await using var driverOfFew = await Driver.Open([few.Node.Url], Callers, bench.Clock);
        await using var driver = await Driver.Open([many.Node.Url], Callers, bench.Clock);
        foreach (var (history, how) in ((History, Driver)[])[(few, driverOfFew), (many, driver)])
        {
            bench.Say($"starting each of {history.Jobs.Count:N0} jobs once");
            await StartEach(history);
            await how.Closed(Callers, bench.WarmUp / 2, Any(history));
        }

        var figures = await bench.InTurn(
            ($"{manyJobs:N0} jobs, {manyJobs * RunsOfJob:N0} runs", () => Cost(many, driver)),
            ($"{few.Jobs.Count} jobs, {few.Runs:N0} runs", () => Cost(few, driverOfFew))
        );
        return
        [
            new Comparison(
                $"one of {Callers} callers' runs, of {manyJobs:N0} jobs with {manyJobs * RunsOfJob:N0} runs",
                "µs",
                figures[0],
                figures[1],
                Goal.RatioAtMost(1.1)
            ),
        ];

        async Task StartEach(History history)
        {
            using var glue = new GlueClient(history.Node.Url, bench.Credentials, bench.Clock);
            await Parallel.ForEachAsync(
                history.Jobs,
                new ParallelOptions { MaxDegreeOfParallelism = Callers, CancellationToken = cancellation },
                async (job, ending) => await glue.StartRun(job, ending)
            );
        }

        Func<Request> Any(History history)
        {
            var factory = new RequestFactory(history.Node.Url, bench.Credentials, bench.Clock);
            return Jobs.Any(
                [
                    .. history.Jobs.Select(job =>
                        factory.Make(Operation.StartJobRun, new JsonObject { ["JobName"] = job }.ToJsonString())
                    ),
                ],
                new Random(Seed)
            );
        }

        async Task<double> Cost(History history, Driver how)
        {
            var outcome = await how.Closed(Callers, bench.Duration, Any(history));
            return outcome.Tally.Answered == outcome.Tally.Accepted
                ? 1e6 / outcome.Goodput
                : throw new CannotMeasureException($"StartJobRun was refused: {outcome.Tally.DescribeErrors()}.");
        }
    }
}
