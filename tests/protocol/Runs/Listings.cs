using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Runs;

public sealed class Listings(SharedServer shared)
{
    private readonly GlueUser _user = shared.NewAccount();

    [Fact]
    public async Task Thirty_runs_in_pages_of_seven_are_each_seen_once_newest_first()
    {
        // Runs that fail before there is a process: many, and quick.
        var job = await _user.AJobAt("/there/is/no/script.py", GlueUser.Concurrently(30));
        List<string> started = [];
        for (var run = 0; run < 30; run++)
            started.Add(await _user.StartRun(job, new JsonObject { ["--number"] = $"{run}" }));

        List<int> sizes = [];
        List<string> seen = [];
        JsonObject page = [];
        do
        {
            page = await _user.Call(
                "GetJobRuns",
                new
                {
                    JobName = job,
                    MaxResults = 7,
                    NextToken = (string?)page["NextToken"],
                }
            );
            var runs = page["JobRuns"]!.AsArray();
            sizes.Add(runs.Count);
            seen.AddRange(runs.Select(run => (string)run!["Id"]!));
            if (sizes.Count == 2)
                await _user.StartRun(await _user.AJobAt("/another.py")); // what starts meanwhile shifts nothing
        } while (page.ContainsKey("NextToken"));

        Assert.Equal([7, 7, 7, 7, 2], sizes);
        Assert.Equal(started.AsEnumerable().Reverse(), seen);
        var runsInOneGo = await _user.Runs(job);
        Assert.Equal(seen, runsInOneGo.Select(run => (string)run["Id"]!));
        Assert.Equal("29", (string?)runsInOneGo[0]["Arguments"]!["--number"]);
        foreach (var id in started)
            await _user.RunIn("FAILED", job, id);
    }

    [Fact]
    public async Task A_job_without_runs_has_an_empty_list()
    {
        var job = await _user.AJob("");
        Assert.Equal("""{"JobRuns":[]}""", (await _user.Try("GetJobRuns", new { JobName = job })).Body);
    }

    [Fact]
    public async Task A_run_is_found_under_its_own_job_only()
    {
        var (job, other) = (await _user.AJob(""), await _user.AJob(""));
        var id = (string)(await _user.EndedRunOf(job))["Id"]!;
        var answer = await _user.Try("GetJobRun", new { JobName = other, RunId = id });
        Assert.Equal("EntityNotFoundException", answer.ErrorCode);
    }
}
