using System.Net;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Startup;

public sealed class Health_and_metrics
{
    [Fact]
    public async Task Are_served_beside_the_API()
    {
        await using var server = await ServerProcess.Start();
        using var http = new HttpClient { BaseAddress = server.Url };
        await server.NewAccount().AJob("pass\n");

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/live")).StatusCode);
        Assert.Equal(
            """{"status":"ready","checks":{"draining":"ok","silo":"ok","database":"ok","executor":"ok"}}""",
            await http.GetStringAsync("/health/ready")
        );
        var metrics = await http.GetStringAsync("/metrics");
        Assert.Contains("glue_api_call_duration_seconds_count{", metrics, StringComparison.Ordinal);
        Assert.Matches("glue_api_call_duration_seconds_count.*operation=\"CreateJob\"", metrics);
        Assert.Contains("glue_runs{", metrics, StringComparison.Ordinal);
        Assert.Contains("glue_store_batch_size", metrics, StringComparison.Ordinal);
        Assert.Contains("orleans_", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Say_that_a_node_is_stopping_while_it_still_serves()
    {
        await using var server = await ServerProcess.Start("--Cluster:DrainDelay=00:00:05");
        using var http = new HttpClient { BaseAddress = server.Url };
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/ready")).StatusCode);

        var stopping = server.Stop();
        HttpResponseMessage ready;
        do ready = await http.GetAsync("/health/ready");
        while (ready.StatusCode == HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("stopping", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(stopping.IsCompleted);
        await server.NewAccount().AJob("pass\n");
        Assert.Equal(0, await stopping);
    }
}
