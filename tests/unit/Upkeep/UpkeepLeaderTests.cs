using System.Collections.Immutable;
using System.Threading.Channels;
using GlueOrleans.Grains;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Grains.Upkeep;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace GlueOrleans.Tests.Unit.Upkeep;

public sealed class UpkeepLeaderTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Lease _lease = new();
    private readonly Members _members = new();
    private readonly Channel<CancellationToken> _rounds = Channel.CreateUnbounded<CancellationToken>();
    private readonly UpkeepLeader _leader;

    public UpkeepLeaderTests()
    {
        var services = new ServiceCollection();
        services.AddTransient<IUpkeepDuty>(_ => new Failing(_rounds.Writer));
        _leader = new UpkeepLeader(
            _lease,
            _members,
            services.BuildServiceProvider(),
            new OneClock(_clock),
            NullLogger<UpkeepLeader>.Instance
        );
    }

    public void Dispose() => _leader.Dispose();

    [Fact]
    public async Task A_leader_that_cannot_renew_its_lease_stops_when_it_runs_out()
    {
        var term = await Start();
        _lease.IsAway = true;

        _clock.Advance(UpkeepLeader.LeaseLasts - TimeSpan.FromMilliseconds(1));
        Assert.False(term.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True(term.IsCancellationRequested);
    }

    [Fact]
    public async Task A_leader_whose_lease_is_somebody_elses_stops_and_leads_again_when_it_is_free()
    {
        var first = await Start();
        _lease.IsOthers = true;
        _clock.Advance(UpkeepLeader.LeaseLasts / 3);
        await Ends(first);

        _lease.IsOthers = false;
        _clock.Advance(UpkeepLeader.LeaseLasts / 3);

        Assert.False((await NextTerm(first)).IsCancellationRequested);
    }

    [Fact]
    public async Task A_round_that_fails_is_followed_by_the_next()
    {
        var term = await Start();

        _clock.Advance(Failing.Pause);

        Assert.Equal(term, await _rounds.Reader.ReadAsync(Patience));
    }

    [Fact]
    public async Task A_term_ends_and_another_begins_when_a_silo_leaves_and_not_when_one_joins()
    {
        _members.Are("a", "b");
        var first = await Start();

        _members.Are("a", "b", "c");
        _members.Are("a", "c");

        var second = await NextTerm(first);
        Assert.True(first.IsCancellationRequested);
        Assert.False(second.IsCancellationRequested);
    }

    [Fact]
    public async Task Who_stops_gives_the_lease_up()
    {
        var term = await Start();

        await _leader.StopAsync(Patience);

        Assert.True(term.IsCancellationRequested);
        Assert.Equal(TimeSpan.Zero, _lease.Lasts);
    }

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    private async Task<CancellationToken> Start()
    {
        await _leader.StartAsync(Patience);
        return await _rounds.Reader.ReadAsync(Patience);
    }

    private async Task<CancellationToken> NextTerm(CancellationToken before)
    {
        var term = before;
        while (term == before)
            term = await _rounds.Reader.ReadAsync(Patience);
        return term;
    }

    private static async Task Ends(CancellationToken term)
    {
        var ended = new TaskCompletionSource();
        await using var _ = term.Register(() => ended.SetResult());
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Patience);
    }

    private sealed class Lease : IUpkeepLease
    {
        public bool IsAway { get; set; }

        public bool IsOthers { get; set; }

        public TimeSpan Lasts { get; private set; }

        public Task<bool> TryHold(string holder, TimeSpan lasts)
        {
            Lasts = lasts;
            return IsAway ? throw new TimeoutException("The test's database is away.") : Task.FromResult(!IsOthers);
        }
    }

    private sealed class Failing(ChannelWriter<CancellationToken> rounds) : IUpkeepDuty
    {
        public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

        public TimeSpan Period => Pause;

        public Task Round(CancellationToken ending)
        {
            rounds.TryWrite(ending);
            throw new InvalidOperationException("The test's duty fails.");
        }
    }

    private sealed class Members : IClusterMembershipService
    {
        private readonly Channel<ClusterMembershipSnapshot> _updates =
            Channel.CreateUnbounded<ClusterMembershipSnapshot>();

        public ClusterMembershipSnapshot CurrentSnapshot { get; private set; } = Of();

        public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => _updates.Reader.ReadAllAsync();

        public void Are(params string[] names) => _updates.Writer.TryWrite(CurrentSnapshot = Of(names));

        public ValueTask Refresh(MembershipVersion minimumVersion, CancellationToken cancellationToken) => default;

        public Task<bool> TryKill(SiloAddress siloAddress) => throw new NotSupportedException();

        private static ClusterMembershipSnapshot Of(params string[] names) =>
            new(
                names
                    .Select(name => new ClusterMember(
                        SiloAddress.New(System.Net.IPAddress.Loopback, name[0], 1),
                        SiloStatus.Active,
                        name
                    ))
                    .ToImmutableDictionary(member => member.SiloAddress),
                new MembershipVersion(1)
            );
    }
}
