using GlueOrleans.Benchmarks.Load.Measuring;

namespace GlueOrleans.Benchmarks.Load.Target;

/// <summary>A node on PostgreSQL with many jobs, each of which was started once.</summary>
internal sealed class NodeWithJobs : IAsyncDisposable
{
    private NodeWithJobs(LocalNode node, string database, Jobs jobs) => (Node, Database, Jobs) = (node, database, jobs);

    public LocalNode Node { get; }

    /// <summary>Connection string.</summary>
    public string Database { get; }

    public Jobs Jobs { get; }

    /// <summary>The one whose scripts stay RUNNING.</summary>
    public static Task<NodeWithJobs> OfRunningScripts(Bench bench) => Share(bench, "running");

    /// <summary>The one whose scripts have succeeded when they begin.</summary>
    public static Task<NodeWithJobs> OfEndingScripts(Bench bench) => Share(bench, "succeed");

    public ValueTask DisposeAsync() => Node.DisposeAsync();

    private static Task<NodeWithJobs> Share(Bench bench, string simulated) =>
        bench.Shared(simulated, () => Start(bench, simulated));

    private static async Task<NodeWithJobs> Start(Bench bench, string simulated)
    {
        var database = await bench.CreateDatabase();
        var node = await bench.StartNode(simulated, database);
        try
        {
            bench.Say($"creating {bench.ManyJobs:N0} jobs");
            var jobs = await Jobs.Create(node.Url, bench.Credentials, bench.ManyJobs, bench.Clock, Jobs.ManyRuns);
            return new NodeWithJobs(node, database, jobs);
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }
}
