using System.Globalization;
using GlueOrleans.GrainInterfaces.Jobs;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

/// <summary>Random courses of starts, stops, ends, faults, crashes, lost and late messages and jumps of time.</summary>
public sealed class AdmissionPropertyTests : GlueCluster
{
    private static readonly int Sequences = int.Parse(
        Environment.GetEnvironmentVariable("GLUE_COURSES") ?? "100",
        CultureInfo.InvariantCulture
    );

    private int _killsLeft = 3;

    public AdmissionPropertyTests()
        : base(silos: 2)
    {
        Limits.ConcurrentRuns = 4;
        Limits.TaskDpus = 9;
        Limits.FlexDpus = 4;
        Limits.QueuedRuns = 5;
    }

    /// <summary>A failure names its seed; GLUE_SEED=7 in the environment tries that one alone, again and again, since what
    /// grains do at the same time is not in the seed. GLUE_COURSES=300 tries as many.</summary>
    [Fact]
    public async Task Whatever_happens_limits_hold_each_run_ends_once_and_nothing_leaks()
    {
        var only = Environment.GetEnvironmentVariable("GLUE_SEED");
        var first = only is null ? 1 : int.Parse(only, CultureInfo.InvariantCulture);
        for (var i = 0; i < Sequences; i++)
        {
            var seed = only is null ? first + i : first;
            var account = (100_000_000_000 + i).ToString(CultureInfo.InvariantCulture);
            var course = new AdmissionCourse(this, new Random(seed), account);
            var complaints = await course.Run();
            Assert.True(complaints.Count == 0, $"Seed {seed}:\n{string.Join("\n", complaints)}\nCourse:\n{course.Log}");
        }
    }

    /// <summary>No node of an earlier course is there any more.</summary>
    internal async Task ForgetNodes()
    {
        foreach (var node in await Nodes.ListLive())
            Nodes.Expire(node.Tenure.Node);
        await Nodes.FenceExpired();
        // So the list of nodes is read again.
        Clock.Advance(TimeSpan.FromSeconds(3));
    }

    /// <summary>A silo dies with all its grains, and another takes its place.</summary>
    internal async Task KillSilo(Random random)
    {
        if (_killsLeft-- <= 0)
            return;
        await Cluster.KillSiloAsync(Cluster.Silos[random.Next(1, Cluster.Silos.Count)]);
        await Cluster.StartAdditionalSiloAsync();
    }

    internal static IReadOnlyList<JobSettings> Jobs { get; } =
    [
        Shell with
        {
            JobRunQueuingEnabled = true,
        },
        Spark with
        {
            JobRunQueuingEnabled = true,
        },
        Spark with
        {
            MaxRetries = 2,
            NumberOfWorkers = 3,
        },
        Flex,
        Flex with
        {
            MaxRetries = 1,
        },
        Shell,
    ];
}
