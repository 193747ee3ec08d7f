using System.Globalization;
using GlueOrleans.Gateway;
using GlueOrleans.Gateway.Limits;
using GlueOrleans.Gateway.Protocol;
using Microsoft.Extensions.Options;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway.Limits;

public sealed class The_rate_of_requests
{
    private static readonly Caller One = new("000000000001");
    private static readonly Caller Other = new("000000000002");

    [Fact]
    public void Is_not_limited_unless_that_is_asked_for()
    {
        using var rates = With(new GatewayOptions());
        Assert.All(Enumerable.Range(0, 10_000), _ => Assert.False(rates.IsExceededBy(One)));
    }

    [Fact]
    public void Is_limited_for_each_by_itself()
    {
        using var rates = With(new GatewayOptions { RequestsPerSecond = 1, RequestBurst = 3 });
        // A token may have come back while the others were taken; not as many as are asked for.
        Assert.Equal([false, false, false], Enumerable.Range(0, 3).Select(_ => rates.IsExceededBy(One)));
        Assert.Contains(true, Enumerable.Range(0, 100).Select(_ => rates.IsExceededBy(One)));
        Assert.False(rates.IsExceededBy(Other));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(5000)]
    public void Allows_as_many_again_after_a_while(int perSecond)
    {
        using var rates = With(new GatewayOptions { RequestsPerSecond = perSecond, RequestBurst = 1 });
        Assert.False(rates.IsExceededBy(One));
        Assert.True(SpinWait.SpinUntil(() => !rates.IsExceededBy(One), TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public void Takes_no_more_memory_for_accounts_that_somebody_makes_up()
    {
        var buckets = Enumerable
            .Range(0, 100_000)
            .Select(i => RequestRates.BucketOf(new Caller(i.ToString("D12", CultureInfo.InvariantCulture))));
        Assert.Equal(RequestRates.BucketsForAccounts, buckets.Distinct().Count());
    }

    private static RequestRates With(GatewayOptions options) => new(Options.Create(options));
}
