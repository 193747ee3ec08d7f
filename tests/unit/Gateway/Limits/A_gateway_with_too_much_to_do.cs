using System.Net;
using GlueOrleans.Gateway;
using GlueOrleans.Gateway.Limits;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Tests.Unit.Gateway.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway.Limits;

public sealed class A_gateway_with_too_much_to_do
{
    private const string Start = """{"JobName":"job"}""";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Sheds_what_it_has_no_place_for_and_nothing_else()
    {
        await using var gateway = await Gateway(options => options.MaxConcurrentRequests = 1);
        var commit = new TaskCompletionSource();
        gateway.Grains.Committed = commit.Task;

        // One is worked on, one waits, and one is too many.
        List<Task<Answer>> starts = [.. Enumerable.Range(0, 3).Select(_ => gateway.Post("AWSGlue.StartJobRun", Start))];
        var shed = await Task.WhenAny(starts).WaitAsync(Patience);
        AssertThrottled(await shed);
        Assert.Equal(HttpStatusCode.OK, (await gateway.Post("AWSGlue.ListJobs", "{}")).Status);
        Assert.Equal("fine", await gateway.Client.GetStringAsync(new Uri("/health", UriKind.Relative)));

        commit.SetResult();
        starts.Remove(shed);
        Assert.All(await Task.WhenAll(starts).WaitAsync(Patience), a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.Equal(HttpStatusCode.OK, (await gateway.Post("AWSGlue.StartJobRun", Start)).Status);
    }

    [Fact]
    public async Task Goes_on_with_the_connection_of_a_small_request_and_ends_that_of_a_large_one()
    {
        await using var gateway = await Gateway(options => options.MaxConcurrentRequests = 1);
        var commit = new TaskCompletionSource();
        gateway.Grains.Committed = commit.Task;
        var starts = Enumerable.Range(0, 3).Select(_ => gateway.Post("AWSGlue.StartJobRun", Start)).ToList();
        await Task.WhenAny(starts).WaitAsync(Patience);

        using var client = new RawClient(gateway.Address);
        await client.Send(RawClient.Post("AWSGlue.StartJobRun", Start) + RawClient.Post("AWSGlue.ListJobs", "{}"));
        Assert.Contains("ThrottlingException", await client.Answer(), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", await client.Answer(), StringComparison.Ordinal);

        // Nothing of the body is sent: it is not waited for.
        await client.Send(RawClient.Head("AWSGlue.StartJobRun", 1_000_000));
        var answer = await client.Answer();
        Assert.Contains("ThrottlingException", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);

        commit.SetResult();
        await Task.WhenAll(starts).WaitAsync(Patience);
    }

    [Fact]
    public async Task Gives_no_place_to_a_body_that_does_not_come()
    {
        await using var gateway = await Gateway(options => options.MaxConcurrentRequests = 1);
        var memory = gateway.Services.GetRequiredService<BodyMemory>();
        List<RawClient> slow = [];
        try
        {
            for (var i = 0; i < 5; i++)
            {
                var client = new RawClient(gateway.Address);
                slow.Add(client);
                await client.Send(RawClient.Head("AWSGlue.StartJobRun", 10_000) + new string('x', 5000));
            }

            Assert.True(SpinWait.SpinUntil(() => memory.Taken >= 5 * 8192, Patience));
            Assert.Equal(HttpStatusCode.OK, (await gateway.Post("AWSGlue.StartJobRun", Start)).Status);
        }
        finally
        {
            slow.ForEach(client => client.Dispose());
        }

        Assert.True(SpinWait.SpinUntil(() => memory.Taken == 0, Patience));
    }

    [Fact]
    public async Task Tells_a_client_whose_body_does_not_come()
    {
        var clock = new FakeTimeProvider();
        await using var gateway = await GatewayOnLoopback.Start(services =>
            services.AddKeyedSingleton<TimeProvider>(Failover.WallKey, clock)
        );
        var memory = gateway.Services.GetRequiredService<BodyMemory>();
        using var client = new RawClient(gateway.Address);
        await client.Send(RawClient.Head("AWSGlue.StartJobRun", 10_000) + new string('x', 5000));
        Assert.True(SpinWait.SpinUntil(() => memory.Taken > 0, Patience));

        clock.Advance(new GatewayOptions().BodyTimeout);
        var answer = await client.Answer();
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("RequestTimeoutException", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        Assert.Equal(0, memory.Taken);
    }

    [Fact]
    public async Task Takes_small_bodies_while_it_has_no_memory_for_large_ones()
    {
        const int Large = 64 * 1024;
        await using var gateway = await Gateway(options =>
            (options.MaxRequestBytes, options.MaxBodyBytes) = (Large, 2 * Large)
        );
        var memory = gateway.Services.GetRequiredService<BodyMemory>();
        using (var first = new RawClient(gateway.Address))
        using (var second = new RawClient(gateway.Address))
        {
            await first.Send(RawClient.Head("AWSGlue.StartJobRun", Large) + new string('x', Large - 1));
            await second.Send(RawClient.Head("AWSGlue.StartJobRun", Large) + new string('x', (Large / 2) - 1));
            Assert.True(SpinWait.SpinUntil(() => memory.Taken >= Large + (Large / 2), Patience), $"{memory.Taken}");

            AssertThrottled(await gateway.Post("AWSGlue.StartJobRun", new string(' ', Large)));
            Assert.Equal(HttpStatusCode.OK, (await gateway.Post("AWSGlue.StartJobRun", Start)).Status);
        }

        Assert.True(SpinWait.SpinUntil(() => memory.Taken == 0, Patience));
        Assert.Equal(
            "SerializationException",
            (await gateway.Post("AWSGlue.StartJobRun", new string(' ', Large))).ErrorCode
        );
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Knows_the_largest_body_from_one_that_is_too_large(int more)
    {
        await using var gateway = await Gateway(options =>
            (options.MaxRequestBytes, options.MaxBodyBytes) = (5000, 10_000)
        );
        var answer = await gateway.Post("AWSGlue.StartJobRun", new string(' ', 5000 + more));
        Assert.Equal(more == 0 ? "SerializationException" : "InvalidInputException", answer.ErrorCode);
        Assert.Equal(0, gateway.Services.GetRequiredService<BodyMemory>().Taken);
    }

    [Fact]
    public async Task Throttles_an_account_that_asks_too_often_and_no_other()
    {
        await using var gateway = await Gateway(options => (options.RequestsPerSecond, options.RequestBurst) = (1, 2));
        List<Answer> answers = [];
        for (var i = 0; i < 20; i++)
            answers.Add(await From("000000000001"));
        AssertThrottled(answers.First(answer => answer.Status != HttpStatusCode.OK));
        Assert.Equal(HttpStatusCode.OK, (await From("000000000002")).Status);

        Task<Answer> From(string account) =>
            gateway.Post(
                "AWSGlue.ListJobs",
                "{}",
                request =>
                    request.Headers.TryAddWithoutValidation(
                        "Authorization",
                        $"AWS4-HMAC-SHA256 Credential={account}/20260101/us-east-1/glue/aws4_request, SignedHeaders=host, Signature=0"
                    )
            );
    }

    private static Task<GatewayOnLoopback> Gateway(Action<GatewayOptions> configure) =>
        GatewayOnLoopback.Start(services => services.Configure(configure));

    private static void AssertThrottled(Answer answer)
    {
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("""{"__type":"ThrottlingException","message":"Rate exceeded"}""", answer.Body);
        Assert.Equal("ThrottlingException", answer.Headers["x-amzn-errortype"]);
        Assert.True(Guid.TryParse(answer.Headers["x-amzn-RequestId"], out _));
    }
}
