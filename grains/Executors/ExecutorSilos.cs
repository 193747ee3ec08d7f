using GlueOrleans.Grains.Ports;

namespace GlueOrleans.Grains.Executors;

/// <summary>This node's name in the cluster, which is its silo's.</summary>
public sealed record ThisNode(string Name);

/// <summary>Where the nodes are, by the cluster's membership: a silo bears the name of its node.</summary>
public sealed class ExecutorSilos(IClusterMembershipService membership) : IExecutorReach
{
    /// <summary><c>null</c>: no silo of that name is Active.</summary>
    public SiloAddress? Find(string node)
    {
        ClusterMember? found = null;
        foreach (var member in membership.CurrentSnapshot.Members.Values)
        {
            // A silo that was restarted may be in there twice, until the others have noticed.
            if (
                member.Status == SiloStatus.Active
                && member.Name == node
                && (found is null || member.SiloAddress.Generation > found.SiloAddress.Generation)
            )
                found = member;
        }

        return found?.SiloAddress;
    }

    public bool IsReachable(string node) => Find(node) is not null;
}
