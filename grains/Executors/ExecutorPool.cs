using GlueOrleans.GrainInterfaces.Executors;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Rosters;

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
    private readonly NodeLoads _loads = new();
    private IReadOnlyList<ExecutorNode> _nodes = [];

    private readonly CopyChanges _changes = new();

    private sealed record Held(ExecutorTenure Executor, double Dpus, DateTimeOffset? PromisedOn)
    {
        /// <summary>Nearly all rows of a look are as they were at the last.</summary>
        public bool IsSeenAs(ExecutorHolder row) => PromisedOn is null && Executor == row.Executor && Dpus == row.Dpus;
    }

    /// <summary>How many nodes take runs.</summary>
    public int Nodes => _nodes.Count;

    /// <summary>The nodes on which runs may be placed from now on.</summary>
    public void SetNodes(IReadOnlyList<ExecutorNode> accepting) => _nodes = accepting;

    /// <summary>
    /// Promises room on the node that is used least, by whichever of its bounds it is nearer to; of those without bounds the
    /// one with the fewest runs.
    /// </summary>
    /// <remarks>
    /// A run that asks again has not got the place it was promised before, or its node has refused it: it is placed anew,
    /// on that node only if on no other. If its row is written on the earlier one after all, the next roster says so.
    /// </remarks>
    /// <param name="runId">Which run.</param>
    /// <param name="dpus">What it needs.</param>
    /// <param name="now">Wall time.</param>
    /// <param name="ahead">What those need who come before it, in their order: room for them is kept.</param>
    public ExecutorTenure? TryPlace(string runId, double dpus, DateTimeOffset now, IEnumerable<double> ahead)
    {
        var before = _held.GetValueOrDefault(runId)?.Executor;
        Drop(runId);
        var loads = With(ahead);
        var best =
            loads.LeastUsed(_nodes, dpus, besides: before)
            ?? (before is null ? null : loads.LeastUsed(_nodes, dpus, besides: null));
        if (best is null)
            return null;
        Hold(runId, new Held(best.Tenure, dpus, now));
        return best.Tenure;
    }

    /// <summary>Whether no node could hold the run if it had nothing else to do.</summary>
    public bool IsTooLarge(double dpus) => _nodes.Count > 0 && !_nodes.Any(node => NodeLoads.IsLargeEnough(node, dpus));

    /// <summary>Whether there is room for a run besides those ahead of it.</summary>
    public bool HasRoom(double dpus, IEnumerable<double> ahead) => With(ahead).LeastUsed(_nodes, dpus) is not null;

    /// <summary>How many more runs of this size there is room for; no more than <paramref name="most"/>.</summary>
    public int RoomFor(double dpus, int most)
    {
        var room = 0;
        foreach (var node in _nodes)
            room = Math.Min(most, room + _loads.RoomFor(node, dpus, most));
        return room;
    }

    /// <summary>The run holds nothing: it has ended, or waits.</summary>
    public void Release(string runId)
    {
        Drop(runId);
        _changes.Released(runId);
    }

    private void Drop(string runId)
    {
        if (_held.Remove(runId, out var held))
            _loads.Add(held.Executor.Node, -1, -held.Dpus);
    }

    /// <summary>A look at the table begins, for <see cref="Correct"/>.</summary>
    public RosterRead BeginRead() => _changes.Begin();

    /// <summary>Promised to runs that are placed nowhere by the roster: their rows are still to be written, or they have ended
    /// already.</summary>
    public IReadOnlyList<string> PromisedBesides(IReadOnlyList<ExecutorHolder> roster)
    {
        var holders = roster.Select(holder => holder.RunId).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. _held
                .Where(run => run.Value.PromisedOn is not null && !holders.Contains(run.Key))
                .Select(run => run.Key),
        ];
    }

    /// <summary>Takes over what the table said. What was promised or released since the read began, and what is promised and
    /// may still be written, is left as it is.</summary>
    public void Correct(RosterRead read, IReadOnlyList<ExecutorHolder> roster, DateTimeOffset now)
    {
        var holders = roster.ToDictionary(holder => holder.RunId, StringComparer.Ordinal);
        foreach (var (runId, held) in _held.ToList())
        {
            var isOver = held.PromisedOn is not { } promisedOn || now - promisedOn > PromiseLasts;
            if (read.Covers(runId) && !holders.ContainsKey(runId) && isOver)
                Drop(runId);
        }

        foreach (var holder in roster)
        {
            var isNewer = _held.TryGetValue(holder.RunId, out var held) && !read.Covers(holder.RunId);
            if (isNewer || read.MissesEndOf(holder.RunId) || held?.IsSeenAs(holder) == true)
                continue;
            Drop(holder.RunId);
            Hold(holder.RunId, new Held(holder.Executor, holder.Dpus, PromisedOn: null));
        }
    }

    /// <summary>By name: what an earlier tenure holds in the table is about to be ended, and is counted until it is.</summary>
    private void Hold(string runId, Held held)
    {
        _held.Add(runId, held);
        _changes.Changed(runId);
        _loads.Add(held.Executor.Node, +1, held.Dpus);
    }

    /// <summary>The loads as if those ahead had their places. One that fits nowhere now has the node that lacks least for it:
    /// nobody else is placed there, so that it lacks less with each run that ends. The other nodes go on.</summary>
    private NodeLoads With(IEnumerable<double> ahead)
    {
        var loads = _loads;
        foreach (var dpus in ahead)
        {
            var node = loads.LeastUsed(_nodes, dpus) ?? loads.LeastLacking(_nodes, dpus);
            if (node is null)
                continue; // too large for any: it keeps nobody waiting
            loads = ReferenceEquals(loads, _loads) ? _loads.Copy() : loads;
            loads.Add(node.Tenure.Node, +1, dpus);
        }

        return loads;
    }
}
