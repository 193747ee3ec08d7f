using GlueOrleans.Gateway;
using GlueOrleans.Gateway.Limits;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway.Limits;

public sealed class The_limits
{
    [Fact]
    public void Are_valid_as_they_are_and_leave_room_for_all_else()
    {
        var options = new GatewayOptions();
        Assert.True(new GatewayLimitsValidator().Validate(null, options).Succeeded);
        Assert.Equal(32 * Environment.ProcessorCount, options.RequestsOfAKind);
        Assert.InRange(options.Connections, 1, OpenFiles.Limit / 2);
        Assert.Equal(20, new GatewayOptions { RequestsPerSecond = 10 }.Burst);
    }

    public static TheoryData<string, Action<GatewayOptions>> Nonsense =>
        new()
        {
            { "MaxConcurrentRequests", o => o.MaxConcurrentRequests = -1 },
            { "RequestsPerSecond", o => o.RequestsPerSecond = -1 },
            { "RequestBurst", o => o.RequestBurst = 1_000_001 },
            { "MaxBodyBytes", o => o.MaxBodyBytes = o.MaxRequestBytes },
            { "BodyTimeout", o => o.BodyTimeout = TimeSpan.Zero },
            { "HeadersTimeout", o => o.HeadersTimeout = TimeSpan.FromHours(1) },
            { "KeepAliveTimeout", o => o.KeepAliveTimeout = Timeout.InfiniteTimeSpan },
            { "MinBytesPerSecond", o => o.MinBytesPerSecond = 0 },
            { "MaxRequestLineBytes", o => o.MaxRequestLineBytes = 10 },
            { "MaxHeaderBytes", o => o.MaxHeaderBytes = 10 },
            { "MaxHeaders", o => o.MaxHeaders = 1 },
            { "MaxConnections", o => o.MaxConnections = -1 },
            { "MaxStreamsPerConnection", o => o.MaxStreamsPerConnection = 0 },
        };

    [Theory, MemberData(nameof(Nonsense))]
    public void Are_named_when_they_make_no_sense(string key, Action<GatewayOptions> set)
    {
        var options = new GatewayOptions();
        set(options);
        var failure = Assert.Single(new GatewayLimitsValidator().Validate(null, options).Failures!);
        Assert.StartsWith($"Gateway:{key} is ", failure, StringComparison.Ordinal);
    }

    /// <summary>A setting that nobody reads is worse than none.</summary>
    [Fact]
    public void Are_the_web_servers_own_as_well()
    {
        var given = new GatewayOptions
        {
            MaxConnections = 11,
            MaxRequestLineBytes = 2000,
            MaxHeaderBytes = 3000,
            MaxHeaders = 44,
            HeadersTimeout = TimeSpan.FromSeconds(5),
            KeepAliveTimeout = TimeSpan.FromSeconds(6),
            MinBytesPerSecond = 77,
            MaxStreamsPerConnection = 8,
        };
        var kestrel = new KestrelServerOptions();
        new HttpLimits(Options.Create(given), new Backlog(Options.Create(given))).Configure(kestrel);

        var limits = kestrel.Limits;
        Assert.Equal(11, limits.MaxConcurrentConnections);
        Assert.Equal(2000, limits.MaxRequestLineSize);
        Assert.Equal(3000, limits.MaxRequestHeadersTotalSize);
        Assert.Equal(44, limits.MaxRequestHeaderCount);
        Assert.Equal(TimeSpan.FromSeconds(5), limits.RequestHeadersTimeout);
        Assert.Equal(TimeSpan.FromSeconds(6), limits.KeepAliveTimeout);
        Assert.Equal(77, limits.MinRequestBodyDataRate!.BytesPerSecond);
        Assert.Equal(77, limits.MinResponseDataRate!.BytesPerSecond);
        Assert.Equal(8, limits.Http2.MaxStreamsPerConnection);
    }

    [Theory]
    [InlineData("Max open files            1024                 4096                 files     ", 1024)]
    [InlineData("Max open files            unlimited            unlimited            files     ", int.MaxValue)]
    [InlineData("Max processes             1024                 4096                 processes ", 4096)]
    public void Of_open_files_are_read_from_the_system(string line, int limit) =>
        Assert.Equal(limit, OpenFiles.Of(["Limit                     Soft Limit           Hard Limit", line]));
}
