namespace GlueOrleans.GrainInterfaces.Executors;

/// <summary>
/// An executor node, and since when it is trusted. The epoch rises whenever the node is declared lost, so what was placed
/// on it before, or is reported by what it left behind, can be told from what it runs now.
/// </summary>
/// <param name="Node">The node's name, unique in the cluster.</param>
/// <param name="Epoch">1, 2, 3 …; a restart of the node's process within its lease does not raise it. 0: a node on its own,
/// which needs no lease.</param>
[GenerateSerializer, Alias("ExecutorTenure"), Immutable]
public sealed record ExecutorTenure([property: Id(0)] string Node, [property: Id(1)] long Epoch)
{
    /// <summary>Whether it is known for certain, sooner or later, that nothing runs on the node any more: its lease says so,
    /// or the node itself.</summary>
    public bool IsLeased => Epoch > 0;

    public override string ToString() => $"{Node} (epoch {Epoch})";
}
