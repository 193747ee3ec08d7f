using GlueOrleans.Grains.Jobs;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

public sealed class GrainSpreadTests() : GlueCluster(silos: 3)
{
    private const int Jobs = 3000;

    /// <summary>Orleans' default puts nine of ten on one silo.</summary>
    [Fact]
    public async Task Grains_that_come_up_in_a_burst_are_spread_over_the_silos_evenly()
    {
        await Task.WhenAll(Enumerable.Range(0, Jobs).Select(i => Grain($"job-{i}").Find()));

        var statistics = await Cluster.Client.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics();
        var perSilo = statistics
            .Where(grains => grains.GrainType.Contains(nameof(JobGrain), StringComparison.Ordinal))
            .Select(grains => grains.ActivationCount)
            .ToList();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(" / ", perSilo));
        Assert.Equal((3, Jobs), (perSilo.Count, perSilo.Sum()));
        Assert.All(perSilo, count => Assert.InRange(count, Jobs / 4, Jobs / 2));
    }
}
