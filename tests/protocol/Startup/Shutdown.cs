using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Startup;

public sealed class Shutdown
{
    [Fact]
    public async Task On_SIGTERM_is_quick_leaves_scripts_running_and_exits_with_0()
    {
        await using var server = await ServerProcess.Start();
        var user = server.NewAccount();
        var (started, go) = (user.NewPath(), user.NewPath());
        var job = await user.AJob(GlueUser.Writes(started) + GlueUser.WaitsFor(go));
        var id = await user.StartRun(job);
        await Poll.Written(started);
        var script = RecordedProcess.Script(server.RunFolder(id))!;

        var start = TimeProvider.System.GetTimestamp();
        Assert.Equal(0, await server.Stop());
        Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.Contains("Stopped", server.Log.ToString(), StringComparison.Ordinal);
        Assert.True(script.IsAlive);

        await server.StartAgain();
        await File.WriteAllTextAsync(go, "");
        await user.RunIn("SUCCEEDED", job, id);
    }
}
