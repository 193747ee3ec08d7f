using System.Net;
using GlueOrleans.Gateway;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.Tests.Unit.Gateway.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway;

/// <summary>What clients notice of a silo that dies under their calls.</summary>
public sealed class Lost_silos : IAsyncLifetime
{
    private const string Start = "AWSGlue.StartJobRun";
    private const string Job = """{"JobName":"job"}""";
    private const string NewJob =
        """{"Name":"job","Role":"any","Command":{"Name":"pythonshell","ScriptLocation":"/script.py"}}""";

    private readonly FakeTimeProvider _wall = new();
    private GatewayOnLoopback _gateway = null!;

    public static TheoryData<Exception> Losses =>
        [
            new SiloUnavailableException("gone"),
            new TimeoutException("no answer"),
            new Orleans.Storage.InconsistentStateException("two activations"),
        ];

    public async ValueTask InitializeAsync() =>
        _gateway = await GatewayOnLoopback.Start(services =>
            services.AddKeyedSingleton<TimeProvider>(Failover.WallKey, _wall)
        );

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Theory]
    [MemberData(nameof(Losses), DisableDiscoveryEnumeration = true)]
    public async Task Are_not_noticed_by_one_who_starts_a_run(Exception loss)
    {
        (_gateway.Grains.Failure, _gateway.Grains.Failures) = (loss, 3);
        var answer = await WhileTimePasses(_gateway.Post(Start, Job));
        Assert.Equal((HttpStatusCode.OK, 4), (answer.Status, _gateway.Grains.Calls));
    }

    [Fact]
    public async Task Have_a_run_started_under_one_invocation_id_whatever_the_client_sends()
    {
        (_gateway.Grains.Failure, _gateway.Grains.Failures) = (new SiloUnavailableException("gone"), 1);
        var starting = _gateway.Post(Start, Job);
        await Until(() => _gateway.Grains.Calls == 1);
        var first = _gateway.Grains.StartRequest!.InvocationId;
        Assert.True(_gateway.Grains.StartRequest.IsFirstTry);
        await WhileTimePasses(starting);

        Assert.Equal(2, _gateway.Grains.Calls);
        Assert.NotNull(first);
        Assert.Equal(first, _gateway.Grains.StartRequest!.InvocationId);
        Assert.False(_gateway.Grains.StartRequest.IsFirstTry);

        await _gateway.Post(Start, Job);
        Assert.NotEqual(first, _gateway.Grains.StartRequest!.InvocationId);
        await _gateway.Post(Start, Job, request => request.Headers.Add("amz-sdk-invocation-id", "the client's"));
        Assert.Equal("the client's", _gateway.Grains.StartRequest!.InvocationId);
    }

    [Theory]
    [InlineData("attempt=1; max=5", true)]
    [InlineData("ttl=20261123T120000Z; attempt=1; max=5", false)]
    [InlineData("attempt=1", true)]
    [InlineData("attempt=12; max=50", false)]
    [InlineData("attempt=2; max=5", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public async Task Are_told_whether_it_is_the_clients_first_try(string? says, bool isFirst)
    {
        await _gateway.Post(
            Start,
            Job,
            request =>
            {
                request.Headers.Add("amz-sdk-invocation-id", "the client's");
                if (says is not null)
                    request.Headers.Add("amz-sdk-request", says);
            }
        );

        Assert.Equal(isFirst, _gateway.Grains.StartRequest!.IsFirstTry);
    }

    [Fact]
    public async Task That_none_replaces_are_told_so_that_an_SDK_tries_again()
    {
        _gateway.Grains.Failure = new SiloUnavailableException("gone");
        var begun = _wall.GetUtcNow();
        var answer = await WhileTimePasses(_gateway.Post(Start, Job));
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "InternalServiceException"),
            (answer.Status, answer.ErrorCode)
        );
        Assert.InRange(_wall.GetUtcNow() - begun, Failover.Patience, Failover.Patience * 1.5);
        Assert.InRange(_gateway.Grains.Calls, 10, 100);
    }

    [Theory]
    [InlineData("AWSGlue.CreateJob", NewJob, 1)]
    [InlineData("AWSGlue.UpdateJob", """{"JobName":"job","JobUpdate":{}}""", 3)]
    public async Task Have_an_operation_repeated_only_if_it_may_be(string operation, string body, int calls)
    {
        (_gateway.Grains.Failure, _gateway.Grains.Failures) = (new SiloUnavailableException("gone"), 2);
        var answer = await WhileTimePasses(_gateway.Post(operation, body));
        Assert.Equal(calls, _gateway.Grains.Calls);
        Assert.Equal(calls > 1, answer.Status == HttpStatusCode.OK);
    }

    [Fact]
    public void Are_made_up_for_in_every_operation_but_those_whose_second_time_differs()
    {
        var once = FakeGrains.OperationsOver(new FakeGrains()).Where(operation => !operation.MayRepeat);
        Assert.Equal(
            [
                "CreateJob",
                "CreateSecurityConfiguration",
                "CreateUsageProfile",
                "DeleteSecurityConfiguration",
                "ResetJobBookmark",
            ],
            once.Select(operation => operation.Name).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Are_not_looked_for_by_one_whose_client_has_gone()
    {
        _gateway.Grains.Failure = new SiloUnavailableException("gone");
        using var client = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent(Job) };
        request.Headers.Add("X-Amz-Target", Start);
        var starting = _gateway.Client.SendAsync(request, client.Token);
        await Until(() => _gateway.Grains.Calls == 1);
        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        await WhileTimePasses(_gateway.Post("AWSGlue.ListJobs", "{}"));
        var calls = _gateway.Grains.Calls;
        for (var i = 0; i < 100; i++)
        {
            _wall.Advance(TimeSpan.FromSeconds(1));
            await _gateway.Post("AWSGlue.ListJobs", "{}");
        }

        Assert.InRange(_gateway.Grains.Calls, calls, calls + 1);
    }

    [Theory]
    [InlineData(typeof(StoreUnavailableException))]
    [InlineData(typeof(InvalidOperationException))]
    public async Task Are_not_what_other_failures_are_taken_for(Type failure)
    {
        _gateway.Grains.Failure = (Exception)Activator.CreateInstance(failure, "why")!;
        var answer = await _gateway.Post(Start, Job);
        Assert.Equal((HttpStatusCode.InternalServerError, 1), (answer.Status, _gateway.Grains.Calls));
    }

    [Fact]
    public async Task Are_told_of_at_once_by_a_gateway_that_has_found_none_yet()
    {
        await using var gateway = await GatewayOnLoopback.Start(services =>
            services.AddSingleton<IClusterLink>(new NoSilos())
        );
        var answer = await gateway.Post("AWSGlue.CreateJob", NewJob);
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "InternalServiceException", 0),
            (answer.Status, answer.ErrorCode, gateway.Grains.Calls)
        );
    }

    private async Task<T> WhileTimePasses<T>(Task<T> work)
    {
        while (!work.IsCompleted)
        {
            _wall.Advance(TimeSpan.FromMilliseconds(50));
            await Task.WhenAny(work, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System));
        }

        return await work;
    }

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private sealed class NoSilos : IClusterLink
    {
        public bool WasEverUp => false;

        public bool IsUp => false;
    }
}
