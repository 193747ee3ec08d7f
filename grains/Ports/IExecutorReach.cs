namespace GlueOrleans.Grains.Ports;

/// <summary>What the cluster's membership knows of executor nodes. A lease outlasts its holder; this notices sooner.</summary>
public interface IExecutorReach
{
    /// <summary>Whether calls to the node have a chance to arrive: its silo is one of the cluster's.</summary>
    bool IsReachable(string node);
}
