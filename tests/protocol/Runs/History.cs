using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Runs;

public sealed class History
{
    /// <summary>An hour, the shortest that can be kept, is 6 s of this test.</summary>
    [Fact]
    public async Task A_run_is_gone_with_its_folder_when_its_time_is_over_and_a_running_one_is_not()
    {
        await using var server = await ServerProcess.Start(
            "--Clock:Speed=600",
            "--Runs:KeepHistory=01:00:00",
            "--Upkeep:SweepPeriod=00:00:01"
        );
        var user = server.NewAccount();
        var (started, go) = (user.NewPath(), user.NewPath());
        var waiting = await user.AJob(GlueUser.Writes(started) + GlueUser.WaitsFor(go));
        var running = await user.StartRun(waiting);
        await Poll.Written(started);

        var quick = await user.AJob("");
        var ended = (string)(await user.EndedRunOf(quick))["Id"]!;
        Assert.True(Directory.Exists(server.RunFolder(ended)));

        await Poll.Until(
            async () => (await user.Runs(quick)).Count,
            count => count == 0,
            $"run {ended} is no longer listed",
            server.Log.ToString
        );
        var answer = await user.Try("GetJobRun", new { JobName = quick, RunId = ended });
        Assert.Equal("EntityNotFoundException", answer.ErrorCode);
        Assert.False(Directory.Exists(server.RunFolder(ended)));

        // The job is as before: it runs, and its runs are listed.
        var next = (string)(await user.EndedRunOf(quick))["Id"]!;
        Assert.NotEqual(ended, next);
        Assert.Equal("RUNNING", GlueUser.State(await user.Run(waiting, running)));
        await File.WriteAllTextAsync(go, "");
        await user.RunIn("SUCCEEDED", waiting, running);
    }
}
