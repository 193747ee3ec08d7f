using System.Text;
using System.Text.Json.Nodes;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.GrainInterfaces.Runs;
using GlueOrleans.Tests.Unit.Gateway.Support;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway;

/// <summary>GetJobRun of what this silo's runs show: answered without a grain, and to nobody else.</summary>
public sealed class Runs_that_are_going
{
    private readonly FakeGrains _grains = new();
    private readonly Shown _live = new(ARun.Number(1) with { State = JobRunState.Running });

    [Fact]
    public async Task Are_shown_without_asking_a_grain()
    {
        var answer = await Ask("jr_1");

        Assert.Equal("RUNNING", (string?)JsonNode.Parse(answer.Body)!["JobRun"]!["JobRunState"]);
        Assert.Null(_grains.Key);
    }

    [Theory]
    [InlineData("other", "000000000000")]
    [InlineData("job", "111111111111")]
    public async Task Are_not_shown_to_another_account_or_as_another_jobs(string job, string account)
    {
        var answer = await Ask("jr_1", job, account);

        Assert.Equal("EntityNotFoundException", answer.Error?.Code);
        Assert.Equal($"{account}/{job}", _grains.Key);
    }

    [Fact]
    public async Task Leave_all_others_to_their_job()
    {
        _grains.Runs.Add(ARun.Number(2));

        Assert.Null((await Ask("jr_2")).Error);
        Assert.NotNull(_grains.Key);
    }

    private Task<AwsAnswer> Ask(string runId, string job = "job", string account = "000000000000") =>
        new GlueService(FakeGrains.OperationsOver(_grains, live: _live)).Handle(
            "GetJobRun",
            Encoding.UTF8.GetBytes(new JsonObject { ["JobName"] = job, ["RunId"] = runId }.ToJsonString()),
            new Caller(account)
        );

    private sealed class Shown(RunRecord run) : ILiveRuns
    {
        public RunRecord? Find(string runId) => runId == run.Id ? run : null;
    }
}
