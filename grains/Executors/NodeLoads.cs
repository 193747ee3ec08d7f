using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Grains.Executors;

/// <summary>How much each node, by name, is to hold, and how that compares with what it can.</summary>
internal sealed class NodeLoads
{
    private readonly Dictionary<string, (int Runs, double Dpus)> _loads = new(StringComparer.Ordinal);

    private NodeLoads(Dictionary<string, (int, double)> loads) => _loads = loads;

    public NodeLoads()
        : this(new(StringComparer.Ordinal)) { }

    public NodeLoads Copy() => new(new(_loads, StringComparer.Ordinal));

    // All DPU values are multiples of 1/16, so that sums of them are exact.
    public void Add(string node, int runs, double dpus)
    {
        var load = Of(node);
        load = (load.Runs + runs, load.Dpus + dpus);
        if (load == default)
            _loads.Remove(node);
        else
            _loads[node] = load;
    }

    /// <summary>The node that is used least of those with room for the run; <c>null</c>: none has.</summary>
    /// <param name="nodes">To choose from.</param>
    /// <param name="dpus">What the run needs.</param>
    /// <param name="besides">Not this one.</param>
    public ExecutorNode? LeastUsed(IReadOnlyList<ExecutorNode> nodes, double dpus, ExecutorTenure? besides = null)
    {
        ExecutorNode? best = null;
        (double Usage, int Runs, double Dpus) least = default;
        foreach (var node in nodes)
        {
            if (node.Tenure == besides || RoomFor(node, dpus, most: 1) == 0)
                continue;
            var load = Of(node);
            var own = (Usage(node, dpus), load.Runs, load.Dpus);
            if (best is null || own.CompareTo(least) < 0)
                (best, least) = (node, own);
        }

        return best;
    }

    /// <summary>Of the nodes that are large enough for the run, the one that has to become free of least.</summary>
    public ExecutorNode? LeastLacking(IReadOnlyList<ExecutorNode> nodes, double dpus) =>
        nodes
            .Where(node => IsLargeEnough(node, dpus))
            .OrderBy(node => node.Dpus == 0 ? 0 : Math.Max(0, Of(node).Dpus + dpus - node.Dpus))
            .ThenBy(node => node.MaxRuns == 0 ? 0 : Math.Max(0, Of(node).Runs + 1 - node.MaxRuns))
            .FirstOrDefault();

    public static bool IsLargeEnough(ExecutorNode node, double dpus) => node.Dpus == 0 || dpus <= node.Dpus;

    /// <summary>How many more runs of this size the node has room for; no more than <paramref name="most"/>.</summary>
    public int RoomFor(ExecutorNode node, double dpus, int most)
    {
        var load = Of(node);
        var byRuns = node.MaxRuns == 0 ? most : node.MaxRuns - load.Runs;
        var byDpus = node.Dpus == 0 || dpus == 0 ? most : Math.Floor((node.Dpus - load.Dpus) / dpus);
        return (int)Math.Clamp(Math.Min(byRuns, byDpus), 0, most);
    }

    private double Usage(ExecutorNode node, double dpus)
    {
        var load = Of(node);
        return Math.Max(
            node.MaxRuns == 0 ? 0 : (load.Runs + 1) / (double)node.MaxRuns,
            node.Dpus == 0 ? 0 : (load.Dpus + dpus) / node.Dpus
        );
    }

    private (int Runs, double Dpus) Of(ExecutorNode node) => Of(node.Tenure.Node);

    private (int Runs, double Dpus) Of(string node) => _loads.GetValueOrDefault(node);
}
