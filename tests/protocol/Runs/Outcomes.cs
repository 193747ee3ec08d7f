using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Runs;

public sealed class Outcomes(SharedServer shared)
{
    private const string PrintsItsOptions = """
        import sys
        from awsglue.utils import getResolvedOptions
        o = getResolvedOptions(sys.argv, ["JOB_NAME", "day", "mode", "fixed"])
        print(o["JOB_NAME"], o["day"], o["mode"], o["fixed"], sep="|")
        """;

    private readonly GlueUser _user = shared.NewAccount();

    [Fact]
    public async Task A_script_gets_its_arguments_merged_key_by_key_and_succeeds()
    {
        var job = await _user.AJob(
            PrintsItsOptions,
            job =>
            {
                job["DefaultArguments"] = new JsonObject { ["--day"] = "monday", ["--mode"] = "full" };
                job["NonOverridableArguments"] = new JsonObject { ["--fixed"] = "yes" };
            }
        );
        var arguments = new JsonObject { ["--day"] = "tuesday and more", ["--fixed"] = "no" };
        var run = await _user.EndedRunOf(job, arguments);

        Assert.True(GlueUser.State(run) == "SUCCEEDED", run.ToJsonString());
        Assert.Equal($"{job}|tuesday and more|full|yes\n", _user.Server.Output((string)run["Id"]!));
        Assert.False(run.ContainsKey("ErrorMessage"));
        // The run's own arguments, not the merged ones.
        Assert.True(JsonNode.DeepEquals(arguments, run["Arguments"]));
        Assert.Matches("^jr_[0-9a-f]{64}$", (string?)run["Id"]);
        Assert.Equal((double)run["CompletedOn"]!, (double)run["LastModifiedOn"]!);
        Assert.True((double)run["StartedOn"]! < (double)run["CompletedOn"]!);
    }

    [Fact]
    public async Task A_traceback_fails_the_run_and_its_last_line_is_the_ErrorMessage()
    {
        var job = await _user.AJob("def load(): raise ValueError('no such column: price')\nload()\n");
        var run = await _user.EndedRunOf(job);
        Assert.Equal("FAILED", GlueUser.State(run));
        Assert.Equal("ValueError: no such column: price", (string?)run["ErrorMessage"]);
    }

    [Fact]
    public async Task Another_exit_code_fails_the_run()
    {
        var run = await _user.EndedRunOf(await _user.AJob("import sys\nsys.exit(7)\n"));
        Assert.Equal("FAILED", GlueUser.State(run));
        Assert.Equal("Command failed with exit code 7", (string?)run["ErrorMessage"]);
    }

    [Theory]
    [InlineData("/there/is/no/script.py", "/there/is/no/script.py")]
    [InlineData("file:///there/is/no/script.py", "/there/is/no/script.py")]
    [InlineData("ftp://there/is/no/script.py", "ftp://there/is/no/script.py")]
    public async Task A_missing_script_fails_the_run_and_is_named(string location, string names)
    {
        var run = await _user.EndedRunOf(await _user.AJobAt(location));
        Assert.Equal("FAILED", GlueUser.State(run));
        Assert.Contains(names, (string?)run["ErrorMessage"], StringComparison.Ordinal);
        Assert.Equal(0, (int)run["ExecutionTime"]!);
    }

    [Fact]
    public async Task A_job_without_a_script_fails_its_run()
    {
        var job = await _user.AJob("", job => job["Command"]!.AsObject().Remove("ScriptLocation"));
        var run = await _user.EndedRunOf(job);
        Assert.Equal("FAILED", GlueUser.State(run));
        Assert.Contains("ScriptLocation", (string?)run["ErrorMessage"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_may_print_a_hundred_megabytes()
    {
        var job = await _user.AJob("line = 'x' * 1023 + '\\n'\nfor _ in range(100): print(line * 1024, end='')\n");
        var run = await _user.EndedRunOf(job);
        Assert.True(GlueUser.State(run) == "SUCCEEDED", run.ToJsonString());
        var log = Path.Combine(_user.Server.RunFolder((string)run["Id"]!), "stdout.log");
        Assert.Equal(100 << 20, new FileInfo(log).Length);
    }

    [Fact]
    public async Task A_failing_script_may_print_a_hundred_megabytes_of_errors()
    {
        var job = await _user.AJob(
            "import sys\nfor _ in range(100): sys.stderr.write('e' * (1 << 20))\nraise KeyError('at last')\n"
        );
        var run = await _user.EndedRunOf(job);
        Assert.Equal("FAILED", GlueUser.State(run));
        Assert.InRange(((string?)run["ErrorMessage"])!.Length, 1, 2048);
    }

    [Fact]
    public async Task Execution_time_is_that_of_the_script()
    {
        var go = _user.NewPath();
        var job = await _user.AJob(GlueUser.WaitsFor(go));
        var id = await _user.StartRun(job);
        var running = await _user.RunIn("RUNNING", job, id);
        Assert.False(running.ContainsKey("CompletedOn"));
        await Poll.Until(
            () => _user.Run(job, id),
            run => (int)run["ExecutionTime"]! >= 1,
            "a running run's ExecutionTime grows"
        );
        await File.WriteAllTextAsync(go, "");
        var run = await _user.EndedRun(job, id);
        var wall = GlueUser.Time(run, "CompletedOn") - GlueUser.Time(run, "StartedOn");
        Assert.InRange((int)run["ExecutionTime"]!, 1, (int)wall.TotalSeconds);
    }
}
