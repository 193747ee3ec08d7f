using System.Threading.Channels;
using GlueOrleans.Grains.Upkeep;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Xunit;

namespace GlueOrleans.Tests.Cluster;

/// <summary>Which silo does the upkeep, and when everything is looked through.</summary>
public sealed class UpkeepLeaderTests() : GlueCluster(silos: 3)
{
    private static readonly TimeSpan RenewPeriod = UpkeepLeader.LeaseLasts / 3;

    /// <summary>The names of silos, one for each term that begins and each round.</summary>
    private readonly Channel<(string Silo, bool Begins)> _rounds = Channel.CreateUnbounded<(string, bool)>();

    protected override void Configure(IServiceCollection services) =>
        services.AddTransient<IUpkeepDuty>(provider => new Noted(
            _rounds.Writer,
            provider.GetRequiredService<ILocalSiloDetails>().Name
        ));

    [Fact]
    public async Task One_of_several_silos_does_it()
    {
        var leader = (await NextRound()).Silo;
        for (var i = 0; i < 10; i++)
        {
            Clock.Advance(RenewPeriod);
            Assert.Equal((leader, false), await NextRound());
        }
    }

    [Fact]
    public async Task Another_one_does_it_when_the_lease_of_one_that_was_killed_has_run_out()
    {
        var leader = (await NextRound()).Silo;

        await Cluster.KillSiloAsync(Silo(leader));
        Clock.Advance(UpkeepLeader.LeaseLasts);

        var (next, begins) = await NextRound();
        Assert.NotEqual(leader, next);
        Assert.True(begins);
    }

    [Fact]
    public async Task One_that_is_stopped_leaves_it_to_another_without_waiting_for_its_lease()
    {
        var leader = (await NextRound()).Silo;

        await Cluster.StopSiloAsync(Silo(leader));
        Clock.Advance(RenewPeriod);

        Assert.NotEqual(leader, (await NextRound()).Silo);
    }

    [Fact]
    public async Task A_new_term_begins_at_once_when_another_silo_dies()
    {
        var leader = (await NextRound()).Silo;

        await Cluster.KillSiloAsync(Cluster.Silos.First(silo => silo.Name != leader));

        Assert.Equal((leader, true), await NextRound());
    }

    [Fact]
    public async Task Whichever_silo_dies_its_runs_are_taken_up_again_although_nobody_asks_for_them()
    {
        await CreateJob(maxConcurrentRuns: 10);
        var run = await StartRunning();
        var at = await Cluster.Client.GetGrain<IManagementGrain>(0).GetActivationAddress(Run(run));

        await Cluster.KillSiloAsync(Cluster.Silos.Single(silo => silo.SiloAddress.Equals(at)));
        Clock.Advance(UpkeepLeader.LeaseLasts);

        Assert.Equal(run, (await Executor.Next(Asked.Resume)).Id);
    }

    private InProcessSiloHandle Silo(string name) => Cluster.Silos.Single(silo => silo.Name == name);

    private async Task<(string Silo, bool Begins)> NextRound() =>
        await _rounds.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System);

    private sealed class Noted(ChannelWriter<(string, bool)> rounds, string silo) : IUpkeepDuty
    {
        private bool _hasBegun;

        public TimeSpan Period => RenewPeriod;

        public Task Round(CancellationToken ending)
        {
            rounds.TryWrite((silo, !_hasBegun));
            _hasBegun = true;
            return Task.CompletedTask;
        }
    }
}
