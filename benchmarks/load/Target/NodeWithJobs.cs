using GlueOrleans.Benchmarks.Load.Measuring;

namespace GlueOrleans.Benchmarks.Load.Target;

/// <summary>A node on PostgreSQL, and jobs each of which was started once. Its scripts stay RUNNING, besides those of which
/// a request says otherwise.</summary>
internal sealed class NodeWithJobs : IAsyncDisposable
{
    private const int FewConnections = 8;
    private const string RemembersFew = "--Simulated:RememberedGrains=1000";

    private NodeWithJobs(LocalNode node, string database, Jobs jobs) => (Node, Database, Jobs) = (node, database, jobs);

    public LocalNode Node { get; }

    /// <summary>Connection string.</summary>
    public string Database { get; }

    public Jobs Jobs { get; }

    /// <summary>The one that measures share.</summary>
    public static Task<NodeWithJobs> Of(Bench bench) =>
        bench.Shared(nameof(Of), async () => await Start(bench, await bench.CreateDatabase(), bench.ManyJobs));

    /// <summary>One without jobs yet, of which the heap is looked at. What it keeps for any number of runs is soon there: few
    /// connections to its database, each of which has buffers and prepared statements of its own, and a small cache of where
    /// grains live.</summary>
    public static Task<NodeWithJobs> ThatKeepsLittle(Bench bench) =>
        bench.Shared(
            nameof(ThatKeepsLittle),
            async () => await Start(bench, await bench.CreateDatabase(FewConnections), jobs: 0, RemembersFew)
        );

    public ValueTask DisposeAsync() => Node.DisposeAsync();

    private static async Task<NodeWithJobs> Start(Bench bench, string database, int jobs, params string[] settings)
    {
        var node = await bench.StartNode("running", database, settings);
        try
        {
            if (jobs > 0)
                bench.Say($"creating {jobs:N0} jobs");
            return new NodeWithJobs(
                node,
                database,
                await Jobs.Create(node.Url, bench.Credentials, jobs, bench.Clock, Jobs.ManyRuns)
            );
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }
}
