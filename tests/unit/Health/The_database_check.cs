using System.Reflection;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Grains.Ports;
using GlueOrleans.Silo.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace GlueOrleans.Tests.Unit.Health;

public sealed class The_database_check
{
    [Fact]
    public async Task Asks_once_for_all_who_wait_and_not_again_while_the_answer_is_late()
    {
        var store = DispatchProxy.Create<IRunStore, SlowStore>();
        var slow = (SlowStore)store;
        var check = new DatabaseCheck(store);
        using var impatient = new CancellationTokenSource();

        var first = check.CheckHealthAsync(new HealthCheckContext(), impatient.Token);
        var second = check.CheckHealthAsync(new HealthCheckContext(), CancellationToken.None);
        await impatient.CancelAsync();
        Assert.Equal(HealthStatus.Unhealthy, (await first).Status);
        var third = check.CheckHealthAsync(new HealthCheckContext(), CancellationToken.None);
        Assert.Equal(1, slow.Asked);

        slow.Answer.SetResult(null);
        Assert.Equal(HealthStatus.Healthy, (await second).Status);
        Assert.Equal(HealthStatus.Healthy, (await third).Status);
        await check.CheckHealthAsync(new HealthCheckContext(), CancellationToken.None);
        Assert.Equal(2, slow.Asked);
    }

    public class SlowStore : DispatchProxy
    {
        public TaskCompletionSource<RunRecord?> Answer { get; } = new();

        public int Asked { get; private set; }

        protected override object Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Assert.Equal(nameof(IRunStore.Find), targetMethod?.Name);
            Asked++;
            return Answer.Task;
        }
    }
}
