using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;
using static GlueOrleans.Tests.Protocol.Wire.A_bad_request;

namespace GlueOrleans.Tests.Protocol.Wire;

public sealed class Usage_profiles(SharedServer shared)
{
    private const string Small = """
        {"SessionConfiguration":{"idleTimeout":{"DefaultValue":"10","MinValue":"5","MaxValue":"60"}},
        "JobConfiguration":{"numberOfWorkers":{"DefaultValue":"2","MinValue":"2","MaxValue":"4"},
        "workerType":{"DefaultValue":"G.1X","AllowedValues":["G.1X","G.2X"]},
        "timeout":{"DefaultValue":"30","MaxValue":"60"}}}
        """;

    private readonly GlueUser _user = shared.NewAccount();

    [Fact]
    public async Task Come_back_as_they_were_sent_and_are_replaced_by_an_update()
    {
        await Create("small", "for trying");
        var seen = await _user.Call("GetUsageProfile", new { Name = "small" });
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Small), seen["Configuration"]), $"{seen}");
        Assert.Equal("for trying", (string?)seen["Description"]);
        Assert.Equal((double)seen["CreatedOn"]!, (double)seen["LastModifiedOn"]!);

        var update = new { Name = "small", Configuration = new { JobConfiguration = new { } } };
        Assert.Equal("""{"Name":"small"}""", (await _user.Call("UpdateUsageProfile", update)).ToJsonString());

        seen = await _user.Call("GetUsageProfile", new { Name = "small" });
        Assert.Equal("""{"JobConfiguration":{}}""", seen["Configuration"]!.ToJsonString());
        Assert.False(seen.ContainsKey("Description"));
        var listed = await _user.Call("ListUsageProfiles", new { });
        Assert.Equal("small", (string?)Assert.Single(listed["Profiles"]!.AsArray())!["Name"]);
    }

    [Fact]
    public async Task Are_created_once_and_deleted_whether_they_are_there_or_not()
    {
        await Create("small");
        var again = new { Name = "small", Configuration = new { } };
        AssertError(await _user.Try("CreateUsageProfile", again), "AlreadyExistsException", "'small'");
        Assert.Empty(await _user.Call("DeleteUsageProfile", new { Name = "small" }));
        Assert.Empty(await _user.Call("DeleteUsageProfile", new { Name = "small" }));
        AssertError(await _user.Try("GetUsageProfile", new { Name = "small" }), "EntityNotFoundException", "'small'");
        AssertError(await _user.Try("UpdateUsageProfile", again), "EntityNotFoundException", "'small'");
        Assert.Empty((await _user.Call("ListUsageProfiles", new { }))["Profiles"]!.AsArray());
    }

    [Fact]
    public async Task Are_listed_in_pages()
    {
        foreach (var name in new[] { "a", "b", "c" })
            await Create(name);
        var first = await _user.Call("ListUsageProfiles", new { MaxResults = 2 });
        var second = await _user.Call(
            "ListUsageProfiles",
            new { MaxResults = 2, NextToken = (string)first["NextToken"]! }
        );
        Assert.Equal(
            ["a", "b", "c"],
            first["Profiles"]!.AsArray().Concat(second["Profiles"]!.AsArray()).Select(found => (string)found!["Name"]!)
        );
        Assert.False(second.ContainsKey("NextToken"));
    }

    [Fact]
    public async Task Have_tags()
    {
        await Create("small");
        var arn = $"arn:aws:glue:us-east-1:{_user.Account}:usageProfile/small";
        await _user.Call("TagResource", new { ResourceArn = arn, TagsToAdd = new { a = "1", b = "2" } });
        await _user.Call("UntagResource", new { ResourceArn = arn, TagsToRemove = new[] { "a" } });
        Assert.Equal("""{"Tags":{"b":"2"}}""", (await _user.Call("GetTags", new { ResourceArn = arn })).ToJsonString());
    }

    [Fact]
    public async Task That_make_no_sense_are_refused()
    {
        var request = new
        {
            Name = "bad",
            Configuration = JsonNode.Parse("""{"JobConfiguration":{"timeout":{"MinValue":"9","MaxValue":"8"}}}"""),
        };
        AssertError(await _user.Try("CreateUsageProfile", request), "InvalidInputException", "timeout", "9", "8");
    }

    [Fact]
    public async Task Are_what_a_job_is_created_under()
    {
        await Create("small");
        var job = await _user.AJobAt("/s.py", Under("small"));
        var seen = (await _user.Call("GetJob", new { JobName = job }))["Job"]!;
        Assert.Equal(
            ("small", "G.1X", 2, 30),
            (
                (string?)seen["ProfileName"],
                (string?)seen["WorkerType"],
                (int)seen["NumberOfWorkers"]!,
                (int)seen["Timeout"]!
            )
        );

        var request = new JsonObject { ["Name"] = "large", ["Role"] = "any" };
        Under("small")(request);
        request["Timeout"] = 61;
        AssertError(
            await _user.Try("CreateJob", request),
            "InvalidInputException",
            "timeout is 61: usage profile 'small' allows at most 60."
        );
        request["ProfileName"] = "none";
        AssertError(await _user.Try("CreateJob", request), "InvalidInputException", "'none'", "CreateUsageProfile");

        static Action<JsonObject> Under(string profile) =>
            job =>
            {
                job["Command"] = new JsonObject { ["Name"] = "glueetl", ["ScriptLocation"] = "/s.py" };
                job["ProfileName"] = profile;
            };
    }

    [Fact]
    public async Task Are_what_a_run_is_started_under()
    {
        await Create("small");
        var job = await _user.AJob("print('here')");

        var started = await _user.Call("StartJobRun", new { JobName = job, ProfileName = "small" });

        var run = await _user.EndedRun(job, (string)started["JobRunId"]!);
        Assert.Equal(("small", 30), ((string?)run["ProfileName"], (int)run["Timeout"]!));
        AssertError(
            await _user.Try(
                "StartJobRun",
                new
                {
                    JobName = job,
                    ProfileName = "small",
                    Timeout = 90,
                }
            ),
            "InvalidInputException",
            "timeout is 90: usage profile 'small' allows at most 60."
        );
        AssertError(
            await _user.Try("StartJobRun", new { JobName = job, ProfileName = "none" }),
            "EntityNotFoundException",
            "'none'"
        );
    }

    private Task<JsonObject> Create(string name, string? description = null) =>
        _user.Call(
            "CreateUsageProfile",
            new
            {
                Name = name,
                Description = description,
                Configuration = JsonNode.Parse(Small),
            }
        );
}
