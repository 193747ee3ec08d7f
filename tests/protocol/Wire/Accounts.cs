using GlueOrleans.Tests.Protocol.Support;
using Xunit;
using static GlueOrleans.Tests.Protocol.Wire.A_bad_request;

namespace GlueOrleans.Tests.Protocol.Wire;

public sealed class Accounts(SharedServer shared)
{
    [Fact]
    public async Task See_nothing_of_each_other()
    {
        var (mine, theirs) = (shared.NewAccount(), shared.NewAccount());
        var job = await mine.AJobAt("/there/is/no/script.py");
        var run = (string)(await mine.EndedRunOf(job))["Id"]!;

        Assert.Empty((await theirs.Call("GetJobs", new { }))["Jobs"]!.AsArray());
        Assert.Empty((await theirs.Call("ListJobs", new { }))["JobNames"]!.AsArray());
        AssertError(await theirs.Try("GetJob", new { JobName = job }), "EntityNotFoundException", job);
        AssertError(await theirs.Try("GetJobRuns", new { JobName = job }), "EntityNotFoundException");
        AssertError(await theirs.Try("GetJobRun", new { JobName = job, RunId = run }), "EntityNotFoundException");
        AssertError(await theirs.Try("StartJobRun", new { JobName = job }), "EntityNotFoundException");
        var stop = await theirs.Stop(job, run);
        Assert.Equal("EntityNotFoundException", (string?)stop["Errors"]![0]!["ErrorDetail"]!["ErrorCode"]);
        await theirs.Call("DeleteJob", new { JobName = job });

        Assert.Equal(job, (string?)(await mine.Call("GetJob", new { JobName = job }))["Job"]!["Name"]);
    }

    [Fact]
    public async Task May_have_jobs_of_the_same_name()
    {
        var (mine, theirs) = (shared.NewAccount(), shared.NewAccount());
        await mine.AJobAt("/mine.py", job => job["Name"] = "nightly");
        await theirs.AJobAt("/theirs.py", job => job["Name"] = "nightly");

        var seen = await mine.Call("GetJob", new { JobName = "nightly" });
        Assert.Equal("/mine.py", (string?)seen["Job"]!["Command"]!["ScriptLocation"]);
    }
}
