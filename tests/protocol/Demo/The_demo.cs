using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Demo;

public sealed class The_demo : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("glue-demo-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Shows_a_run_from_STARTING_to_SUCCEEDED_and_can_be_repeated()
    {
        await Once();
        await Once();

        async Task Once()
        {
            var start = TimeProvider.System.GetTimestamp();
            var demo = await Demo();
            Assert.True(demo.ExitCode == 0, demo.ToString());
            Assert.InRange(TimeProvider.System.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(60));
            Assert.Matches(@"(?s)\d s STARTING|\ds STARTING", demo.Output);
            Assert.Matches(@"(?s)STARTING.*RUNNING.*SUCCEEDED", demo.Output);
            // A line of the script's log, between the states.
            Assert.Matches(@"(?s)RUNNING.*2025-01.*SUCCEEDED", demo.Output);
            var run = FinalRun(demo);
            Assert.Equal("SUCCEEDED", (string?)run["JobRunState"]);
            Assert.Contains((string)run["Id"]!, demo.Output.Split('{')[0], StringComparison.Ordinal);
            Assert.Contains("summary.json", demo.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Of_the_failing_sample_exits_with_1_and_shows_why()
    {
        var demo = await Demo("failing");
        Assert.True(demo.ExitCode == 1, demo.ToString());
        var run = FinalRun(demo);
        Assert.Equal("FAILED", (string?)run["JobRunState"]);
        var message = (string)run["ErrorMessage"]!;
        Assert.Matches(@"^\w+(Error|Exception): ", message);
        Assert.Contains(message, demo.Output[demo.Output.LastIndexOf('}')..], StringComparison.Ordinal);
    }

    private Task<Ended> Demo(params string[] words) =>
        Program.Node(_folder, ["demo", .. words, "--data", Path.Combine(_folder, "data")]);

    private static JsonObject FinalRun(Ended demo)
    {
        var json = Regex.Match(demo.Output, @"(?ms)^\{$.*?^\}$");
        Assert.True(json.Success, demo.ToString());
        return JsonNode.Parse(json.Value)!.AsObject();
    }
}
