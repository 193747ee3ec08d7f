using Orleans.Configuration;

namespace GlueOrleans.Silo.Clustering;

/// <summary>How soon silos notice that one of them is gone, and how soon a new one may join. The values, and why.</summary>
/// <remarks>
/// Each silo probes some others over their connection; enough misses make a vote in the membership table, enough votes
/// make a death. A silo that finds itself declared dead ends itself; its runs' scripts are not touched by that. They are
/// no settings: they belong together, and to what the gateways' patience (<c>gateway/Protocol/Failover.cs</c>) outlasts.
/// What they come to was measured: docs/membership.md.
/// </remarks>
internal static class Membership
{
    /// <summary>How often a gateway asks the table for silos. As short as a silo's death may stay unnoticed: a query of a
    /// handful of rows. Orleans' default is a minute.</summary>
    public static readonly TimeSpan GatewayListRefresh = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a node that is only a gateway waits for an answer before it takes the silo for lost, and asks again.
    /// </summary>
    /// <remarks>
    /// Orleans tells a client nothing of calls that were under way in a silo that died; with its default of 30 s they all
    /// last that long. Much longer than any operation takes; what may not be repeated has a longer one of its own.
    /// </remarks>
    public static readonly TimeSpan ClientPatience = TimeSpan.FromSeconds(5);

    public static void Tune(ClusterMembershipOptions membership)
    {
        // One probe, and the pause between two. A pause of the collector, or of a busy machine, is well below it.
        membership.ProbeTimeout = TimeSpan.FromSeconds(2);

        // Bounds what a probe's timeout grows to. Also, times the missed probes, how long votes are withheld after a
        // silo's last message: with Orleans' default, four probes, a silo that hangs is found after a minute (10.4).
        membership.MaxProbeTimeout = TimeSpan.FromSeconds(2.5);

        // Three misses are more than 6 s of silence: a pause of 3 s kills nobody.
        membership.NumMissedProbesLimit = 3;

        // Two must agree, so that one silo with a broken network does not declare the others dead. Of two silos one is
        // enough: Orleans lowers the number to how many there are to vote.
        membership.NumVotesForDeathDeclaration = 2;

        // Votes that are this old are no longer of the same failure. Orleans' default of two minutes.
        membership.DeathVoteExpirationTimeout = TimeSpan.FromMinutes(2);

        // Gossip tells of changes at once; this is for a lost message.
        membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);

        // A silo that joins must reach every silo that the table calls active, unless that one has not written to it for
        // 3 x 5 s. With Orleans' defaults, 3 x 30 s, nobody can join for 100 s after all silos were killed at once.
        membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
        membership.NumMissedTableIAmAliveLimit = 3;

        // Rows of the dead are read with every refresh; they are of use to nobody for longer than a look at what happened.
        membership.DefunctSiloCleanupPeriod = TimeSpan.FromMinutes(10);
        membership.DefunctSiloExpiration = TimeSpan.FromHours(6);
    }
}
