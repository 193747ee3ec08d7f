using System.Threading.RateLimiting;
using GlueOrleans.Gateway;
using GlueOrleans.Gateway.Limits;
using GlueOrleans.Gateway.Protocol;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway.Limits;

public sealed class The_intake : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Intake _intake;

    public The_intake()
    {
        var options = Options.Create(new GatewayOptions { MaxConcurrentRequests = 2 });
        _intake = new Intake(options, new Backlog(options), _clock);
    }

    public void Dispose() => _intake.Dispose();

    [Fact]
    public async Task Lets_in_as_many_as_it_has_places_keeps_as_many_waiting_and_sheds_the_rest()
    {
        var (first, second) = (await Enter(), await Enter());
        Assert.True(first.IsAcquired && second.IsAcquired);
        var (third, fourth) = (Enter().AsTask(), Enter().AsTask());
        Assert.False(third.IsCompleted || fourth.IsCompleted);
        Assert.True(_intake.IsFull(RequestKind.Write));
        Assert.False((await Enter()).IsAcquired);

        first.Dispose();
        Assert.True((await third).IsAcquired);
        Assert.False(fourth.IsCompleted);
        Assert.False(_intake.IsFull(RequestKind.Write));
        second.Dispose();
        Assert.True((await fourth).IsAcquired);
    }

    [Fact]
    public async Task Keeps_no_reads_out_for_writes()
    {
        for (var i = 0; i < 4; i++)
            _ = Enter().AsTask();
        Assert.True(_intake.IsFull(RequestKind.Write));
        Assert.False(_intake.IsFull(RequestKind.Read));
        Assert.True((await _intake.Enter(RequestKind.Read, CancellationToken.None)).IsAcquired);
    }

    [Fact]
    public async Task Sheds_who_has_waited_for_longer_than_is_worth_while()
    {
        _ = (await Enter(), await Enter());
        var waiting = Enter().AsTask();
        _clock.Advance(Intake.Patience - TimeSpan.FromMilliseconds(1));
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False((await waiting).IsAcquired);
    }

    [Fact]
    public async Task Gives_a_place_in_the_line_to_the_next_when_a_client_goes_away()
    {
        _ = (await Enter(), await Enter());
        using var client = new CancellationTokenSource();
        var (gone, waiting) = (_intake.Enter(RequestKind.Write, client.Token).AsTask(), Enter().AsTask());
        Assert.True(_intake.IsFull(RequestKind.Write));

        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        Assert.False(_intake.IsFull(RequestKind.Write));
        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public void Knows_what_each_operation_waits_for()
    {
        string[] reads = ["BatchGetJobs", "GetJob", "GetJobBookmark", "GetJobBookmarks", "GetJobRun", "GetJobRuns"];
        string[] more = ["GetJobs", "GetTags", "GetUsageProfile", "ListJobs", "ListUsageProfiles"];
        string[] most = ["GetSecurityConfiguration", "GetSecurityConfigurations"];
        Assert.Equal(
            reads.Concat(more).Concat(most).Order(StringComparer.Ordinal),
            ShapeTable
                .Glue.Operations.Keys.Where(name => RequestKinds.Of($"AWSGlue.{name}") == RequestKind.Read)
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal(RequestKind.Read, RequestKinds.Of("Logs_20140328.FilterLogEvents"));
        Assert.Equal(RequestKind.Read, RequestKinds.Of(""));
    }

    private ValueTask<RateLimitLease> Enter() => _intake.Enter(RequestKind.Write, CancellationToken.None);
}
