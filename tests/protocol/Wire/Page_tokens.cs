using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;
using static GlueOrleans.Tests.Protocol.Wire.A_bad_request;

namespace GlueOrleans.Tests.Protocol.Wire;

public sealed class Page_tokens(SharedServer shared)
{
    private readonly GlueUser _user = shared.NewAccount();

    [Fact]
    public async Task Lead_through_all_jobs_by_name()
    {
        var names = new[] { "a", "B", "b", "c", "ä" };
        foreach (var name in names)
            await _user.AJob("", job => job["Name"] = name);

        List<string> seen = [];
        JsonObject page = [];
        do
        {
            page = await _user.Call("GetJobs", new { MaxResults = 2, NextToken = (string?)page["NextToken"] });
            seen.AddRange(page["Jobs"]!.AsArray().Select(job => (string)job!["Name"]!));
        } while (page.ContainsKey("NextToken"));
        Assert.Equal(names.Order(StringComparer.Ordinal), seen);
    }

    [Theory]
    [InlineData("made up")]
    [InlineData("bWFkZSB1cCBidXQgaW4gYmFzZTY0")]
    [InlineData("0")]
    public async Task That_are_made_up_are_refused(string token)
    {
        var job = await _user.AJob("");
        foreach (var operation in new[] { "GetJobs", "ListJobs", "GetJobRuns" })
        {
            var answer = await _user.Try(operation, new { JobName = job, NextToken = token });
            AssertError(answer, "InvalidInputException", "NextToken");
        }
    }

    [Fact]
    public async Task Of_another_listing_are_refused()
    {
        var (first, second) = (await AJobWithTwoRuns(), await AJobWithTwoRuns());
        var ofRuns = await Token("GetJobRuns", new { JobName = first, MaxResults = 1 });
        var ofJobs = await Token("GetJobs", new { MaxResults = 1 });
        var stranger = shared.NewAccount();

        await AssertRefused(_user, "GetJobRuns", new { JobName = second, NextToken = ofRuns });
        await AssertRefused(_user, "GetJobRuns", new { JobName = first, NextToken = ofJobs });
        await AssertRefused(_user, "GetJobs", new { NextToken = ofRuns });
        await AssertRefused(_user, "ListJobs", new { NextToken = ofJobs });
        await AssertRefused(stranger, "GetJobs", new { NextToken = ofJobs });
        await AssertRefused(_user, "GetJobs", new { NextToken = ofJobs + "A" });
        Assert.Single(
            (await _user.Call("GetJobRuns", new { JobName = first, NextToken = ofRuns }))["JobRuns"]!.AsArray()
        );
    }

    private static async Task AssertRefused(GlueUser user, string operation, object request) =>
        AssertError(await user.Try(operation, request), "InvalidInputException", "NextToken");

    private async Task<string> Token(string operation, object request) =>
        (string)(await _user.Call(operation, request))["NextToken"]!;

    private async Task<string> AJobWithTwoRuns()
    {
        var job = await _user.AJobAt("/there/is/no/script.py");
        await _user.EndedRunOf(job);
        await _user.EndedRunOf(job);
        return job;
    }
}
