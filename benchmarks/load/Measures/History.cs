using GlueOrleans.Benchmarks.Load.Measuring;
using GlueOrleans.Benchmarks.Load.Target;

namespace GlueOrleans.Benchmarks.Load.Measures;

/// <summary>A node on PostgreSQL whose scripts end at once, with jobs that have a past.</summary>
internal sealed class History : IAsyncDisposable
{
    private const string Prefix = "history-";
    private const string Template = "history-template";
    private const int AtATime = 16;
    private const int FewJobs = 10;
    private const int FewRuns = 1000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private History(LocalNode node, string database, IReadOnlyList<string> jobs, int runs) =>
        (Node, Database, Jobs, Runs) = (node, database, jobs, runs);

    public LocalNode Node { get; }

    /// <summary>Connection string.</summary>
    public string Database { get; }

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Jobs { get; }

    /// <summary>That had ended, of all jobs, when it was made.</summary>
    public int Runs { get; }

    /// <summary>The short one, that measures share: ten jobs with a hundred runs each.</summary>
    public static Task<History> Short(Bench bench, CancellationToken cancellation) =>
        bench.Shared(nameof(Short), () => Make(bench, FewJobs, FewRuns, cancellation));

    /// <param name="bench">Starts the node.</param>
    /// <param name="jobs">How many.</param>
    /// <param name="runs">That have ended, of all jobs: as many of each.</param>
    /// <param name="cancellation">Of the measurement.</param>
    public static async Task<History> Make(Bench bench, int jobs, int runs, CancellationToken cancellation)
    {
        var database = await bench.CreateDatabase();
        var node = await bench.StartNode("succeed", database);
        try
        {
            bench.Say($"making {jobs:N0} jobs with {runs:N0} runs");
            using var glue = new GlueClient(node.Url, bench.Credentials, bench.Clock);
            await glue.CreateJob(Template, cancellation);
            var template = await glue.StartRun(Template, cancellation);
            await glue.WaitFor(Template, template, "SUCCEEDED", Patience, cancellation);
            string[] names = [.. Enumerable.Range(0, jobs).Select(number => RunSeeds.JobName(Prefix, number))];
            await Parallel.ForEachAsync(
                names,
                new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = cancellation },
                async (name, ending) => await glue.CreateJob(name, ending)
            );
            // Their grains know their definitions, and have not looked at their runs yet.
            await RunSeeds.CopyRun(database, template, Prefix, jobs, first: 1, runs / jobs, cancellation);
            await RunSeeds.Settle(database, cancellation);
            return new History(node, database, names, runs);
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Node.DisposeAsync();
}
