using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Grains.Executors;

/// <summary>
/// What each executor node has room for. A copy of what the leases and the run table say, plus what was promised and is not
/// in the table yet.
/// </summary>
/// <remarks>Not safe for threads; a grain's turns are one after the other.</remarks>
public sealed class ExecutorPool
{
    /// <summary>How long a promise may be without a row. Far more than a write takes; whoever is later was lost.</summary>
    public static readonly TimeSpan PromiseLasts = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Held> _held = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Load> _loads = new(StringComparer.Ordinal);
    private IReadOnlyList<ExecutorNode> _nodes = [];

    /// <summary>Counts what was written down here, so that a roster that is older can be told from one that is not.</summary>
    private long _changes;

    private sealed record Held(ExecutorTenure Executor, double Dpus, DateTimeOffset? PromisedOn, long Change);

    private sealed class Load
    {
        public int Runs { get; set; }

        public double Dpus { get; set; }
    }

    /// <summary>How many nodes take runs.</summary>
    public int Nodes => _nodes.Count;

    /// <summary>The nodes on which runs may be placed from now on.</summary>
    public void SetNodes(IReadOnlyList<ExecutorNode> accepting) => _nodes = accepting;

    /// <summary>
    /// Promises room on the node that is used least, by whichever of its bounds it is nearer to; of those without bounds the
    /// one with the fewest runs. A run that asks again has its old place, if that is still there: its row may be written.
    /// </summary>
    public ExecutorTenure? TryPlace(string runId, double dpus, DateTimeOffset now)
    {
        if (_held.TryGetValue(runId, out var held) && _nodes.Any(node => node.Tenure == held.Executor))
            return held.Executor;
        Release(runId);
        var best = _nodes
            .Where(node => HasRoom(node, dpus))
            .OrderBy(node => Usage(node, dpus))
            .ThenBy(node => LoadOf(node).Runs)
            .ThenBy(node => LoadOf(node).Dpus)
            .FirstOrDefault();
        if (best is null)
            return null;
        Hold(runId, new Held(best.Tenure, dpus, now, ++_changes));
        return best.Tenure;
    }

    /// <summary>Whether no node could hold the run if it had nothing else to do.</summary>
    public bool IsTooLarge(double dpus) => _nodes.Count > 0 && _nodes.All(node => node.Dpus > 0 && dpus > node.Dpus);

    /// <summary>How many more runs of this size there is room for; no more than <paramref name="most"/>.</summary>
    public int RoomFor(double dpus, int most)
    {
        var room = 0;
        foreach (var node in _nodes)
        {
            var load = LoadOf(node);
            var byRuns = node.MaxRuns == 0 ? most : Math.Max(0, node.MaxRuns - load.Runs);
            var byDpus = node.Dpus == 0 || dpus == 0 ? most : Math.Max(0, Math.Floor((node.Dpus - load.Dpus) / dpus));
            room += (int)Math.Min(byRuns, byDpus);
            if (room >= most)
                return most;
        }

        return room;
    }

    public void Release(string runId)
    {
        if (!_held.Remove(runId, out var held))
            return;
        var load = _loads[held.Executor.Node];
        load.Runs--;
        load.Dpus -= held.Dpus;
        if (load.Runs == 0)
            _loads.Remove(held.Executor.Node);
    }

    /// <summary>What a roster read from now on can speak about: all that was written down up to here. Take it before
    /// reading.</summary>
    public long Known() => _changes;

    /// <summary>Takes over what the table said. What was written down after <paramref name="known"/>, and what is promised and
    /// may still be written, is left as it is.</summary>
    public void Correct(long known, IReadOnlyList<ExecutorHolder> roster, DateTimeOffset now)
    {
        var holders = roster.ToDictionary(holder => holder.RunId, StringComparer.Ordinal);
        foreach (var (runId, held) in _held.ToList())
        {
            var isOver = held.PromisedOn is not { } promisedOn || now - promisedOn > PromiseLasts;
            if (held.Change <= known && !holders.ContainsKey(runId) && isOver)
                Release(runId);
        }

        foreach (var holder in roster)
        {
            if (_held.TryGetValue(holder.RunId, out var held) && held.Change > known)
                continue;
            Release(holder.RunId);
            Hold(holder.RunId, new Held(holder.Executor, holder.Dpus, PromisedOn: null, ++_changes));
        }
    }

    private bool HasRoom(ExecutorNode node, double dpus)
    {
        var load = LoadOf(node);
        return (node.MaxRuns == 0 || load.Runs < node.MaxRuns) && (node.Dpus == 0 || load.Dpus + dpus <= node.Dpus);
    }

    private double Usage(ExecutorNode node, double dpus)
    {
        var load = LoadOf(node);
        return Math.Max(
            node.MaxRuns == 0 ? 0 : (load.Runs + 1) / (double)node.MaxRuns,
            node.Dpus == 0 ? 0 : (load.Dpus + dpus) / node.Dpus
        );
    }

    /// <summary>By name: what an earlier tenure holds in the table is about to be ended, and is counted until it is.</summary>
    private Load LoadOf(ExecutorNode node) => _loads.GetValueOrDefault(node.Tenure.Node) ?? new Load();

    private void Hold(string runId, Held held)
    {
        _held.Add(runId, held);
        if (!_loads.TryGetValue(held.Executor.Node, out var load))
            _loads.Add(held.Executor.Node, load = new Load());
        load.Runs++;
        load.Dpus += held.Dpus;
    }
}
