using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;
using static GlueOrleans.Tests.Protocol.Wire.A_bad_request;

namespace GlueOrleans.Tests.Protocol.Wire;

public sealed class Job_definitions(SharedServer shared)
{
    private readonly GlueUser _user = shared.NewAccount();

    [Theory]
    [InlineData("""{"WorkerType":"G.2X","NumberOfWorkers":3}""")]
    [InlineData("""{"MaxCapacity":7.0}""")]
    [InlineData("""{"AllocatedCapacity":5}""")]
    public async Task Come_back_with_every_member_as_it_was_sent(string capacity)
    {
        var sent = EveryMemberButCapacity();
        foreach (var (name, value) in JsonNode.Parse(capacity)!.AsObject())
            sent[name] = value!.DeepClone();
        await _user.Call("CreateJob", sent);

        var seen = await Job((string)sent["Name"]!);
        foreach (var (name, value) in sent.Where(member => member.Key != "Tags"))
            Assert.True(JsonNode.DeepEquals(value, seen[name]), $"{name}: sent {value}, seen {seen[name]}");
        Assert.False(seen.ContainsKey("Tags"));
    }

    [Theory]
    [InlineData("job-{env}")]
    [InlineData("{0} } {")]
    [InlineData("50 % done")]
    [InlineData("../../etc/passwd")]
    [InlineData("a/b?c#d&e")]
    [InlineData("日本語 🚀")]
    public async Task May_have_any_name_that_the_model_allows(string name)
    {
        await _user.AJob("print('here')", job => job["Name"] = name);
        Assert.Equal("SUCCEEDED", GlueUser.State(await _user.EndedRunOf(name)));

        var listed = await _user.Call("ListJobs", new { });
        Assert.Contains(name, listed["JobNames"]!.AsArray().Select(n => (string)n!));
        await _user.Call("DeleteJob", new { JobName = name });
        listed = await _user.Call("ListJobs", new { });
        Assert.DoesNotContain(name, listed["JobNames"]!.AsArray().Select(n => (string)n!));
    }

    [Fact]
    public void Are_tried_here_with_every_member_of_the_model()
    {
        var model = JsonNode.Parse(
            File.ReadAllText(Path.Combine(Places.Repository, "gateway", "Protocol", "glue-model.json"))
        )!["shapes"]!;
        var sent = EveryMemberButCapacity();
        AssertAll("CreateJobRequest", sent, "AllocatedCapacity", "MaxCapacity", "NumberOfWorkers", "WorkerType");
        foreach (var shape in new[] { "SourceControlDetails", "NotificationProperty", "ExecutionProperty" })
            AssertAll(shape, sent[shape]!);
        AssertAll("JobCommand", sent["Command"]!);

        void AssertAll(string shape, JsonNode value, params string[] elsewhere) =>
            Assert.Equal(
                model[shape]!["members"]!.AsObject().Select(member => member.Key).Except(elsewhere).Order(),
                value.AsObject().Select(member => member.Key).Order()
            );
    }

    [Fact]
    public async Task Are_replaced_by_an_update_but_for_the_Glue_version()
    {
        var sent = EveryMemberButCapacity();
        sent["WorkerType"] = "G.1X";
        sent["NumberOfWorkers"] = 2;
        sent["GlueVersion"] = "4.0";
        await _user.Call("CreateJob", sent);
        var name = (string)sent["Name"]!;
        var created = await Job(name);

        await _user.Call(
            "UpdateJob",
            new
            {
                JobName = name,
                JobUpdate = new { Role = "other", Command = new { Name = "glueetl", ScriptLocation = "/other.py" } },
            }
        );

        var updated = await Job(name);
        Assert.Equal("4.0", (string?)updated["GlueVersion"]);
        Assert.Equal("other", (string?)updated["Role"]);
        Assert.Equal("/other.py", (string?)updated["Command"]!["ScriptLocation"]);
        Assert.Equal((double)created["CreatedOn"]!, (double)updated["CreatedOn"]!);
        Assert.True((double)updated["LastModifiedOn"]! >= (double)created["LastModifiedOn"]!);
        Assert.Equal(
            [
                "AllocatedCapacity",
                "Command",
                "CreatedOn",
                "ExecutionProperty",
                "GlueVersion",
                "JobMode",
                "JobRunQueuingEnabled",
                "LastModifiedOn",
                "MaxCapacity",
                "MaxRetries",
                "Name",
                "Role",
                "Timeout",
            ],
            updated.Select(member => member.Key).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Keep_an_empty_map_apart_from_none()
    {
        var with = await _user.AJob("", job => job["DefaultArguments"] = new JsonObject());
        var without = await _user.AJob("");
        Assert.Empty((await Job(with))["DefaultArguments"]!.AsObject());
        Assert.False((await Job(without)).ContainsKey("DefaultArguments"));
    }

    [Theory]
    [InlineData(
        """{"ExecutionClass":"FLEX","WorkerType":"G.1X","NumberOfWorkers":2}""",
        "set GlueVersion to 3.0 or later"
    )]
    [InlineData("""{"GlueVersion":"2.0","WorkerType":"G.4X","NumberOfWorkers":2}""", "set GlueVersion to 3.0 or later")]
    [InlineData("""{"WorkerType":"G.025X","NumberOfWorkers":2}""", "it is for gluestreaming")]
    public async Task Against_the_rules_are_refused_with_the_way_out(string members, string remedy)
    {
        var job = JsonNode.Parse(members)!.AsObject();
        job["Name"] = "refused";
        job["Role"] = "any";
        job["Command"] = new JsonObject { ["Name"] = "glueetl", ["ScriptLocation"] = "/s.py" };

        AssertError(await _user.Try("CreateJob", job), "InvalidInputException", remedy);
        AssertError(await _user.Try("GetJob", new { JobName = "refused" }), "EntityNotFoundException");
    }

    [Fact]
    public async Task Start_no_run_with_arguments_that_no_script_could_use()
    {
        var job = await _user.AJob("");
        var half = new Dictionary<string, string>
        {
            ["--job-bookmark-option"] = "job-bookmark-pause",
            ["--job-bookmark-from"] = "jr_1",
        };
        var huge = new Dictionary<string, string> { ["--huge"] = new('x', 260 * 1024) };

        AssertError(
            await _user.Try("StartJobRun", new { JobName = job, Arguments = half }),
            "InvalidInputException",
            "--job-bookmark-to"
        );
        AssertError(
            await _user.Try("StartJobRun", new { JobName = job, Arguments = huge }),
            "InvalidInputException",
            "266240"
        );
        Assert.Empty((await _user.Call("GetJobRuns", new { JobName = job }))["JobRuns"]!.AsArray());
    }

    [Fact]
    public async Task That_exist_are_not_created_again()
    {
        var job = await _user.AJobAt("/script.py");
        AssertError(await _user.Try("CreateJob", Like(job, "/script.py")), "AlreadyExistsException", job);
        AssertError(await _user.Try("CreateJob", Like(job, "/other.py")), "IdempotentParameterMismatchException", job);

        static object Like(string name, string script) =>
            new
            {
                Name = name,
                Role = "any",
                Command = new { Name = "pythonshell", ScriptLocation = script },
            };
    }

    [Fact]
    public async Task That_do_not_exist_can_be_deleted_and_are_missed_by_everything_else()
    {
        var deleted = await _user.Call("DeleteJob", new { JobName = "none" });
        Assert.Equal("none", (string?)deleted["JobName"]);
        AssertError(
            await _user.Try("GetJob", new { JobName = "none" }),
            "EntityNotFoundException",
            "Job with name: none not found."
        );
        AssertError(
            await _user.Try("StartJobRun", new { JobName = "none" }),
            "EntityNotFoundException",
            "Failed to start job run due to missing metadata"
        );
        var update = new { Role = "r", Command = new { Name = "pythonshell", ScriptLocation = "/s.py" } };
        AssertError(
            await _user.Try("UpdateJob", new { JobName = "none", JobUpdate = update }),
            "EntityNotFoundException",
            "none"
        );
        var found = await _user.Call("BatchGetJobs", new { JobNames = new[] { "none" } });
        Assert.Equal("""{"Jobs":[],"JobsNotFound":["none"]}""", found.ToJsonString());
    }

    [Fact]
    public async Task That_are_deleted_leave_their_history_and_can_be_created_anew()
    {
        var job = await _user.AJobAt("/there/is/no/script.py");
        var run = await _user.EndedRunOf(job);
        await _user.Call("DeleteJob", new { JobName = job });

        AssertError(await _user.Try("GetJob", new { JobName = job }), "EntityNotFoundException");
        Assert.Equal((string?)run["Id"], (string?)Assert.Single(await _user.Runs(job))["Id"]);
        await _user.AJobAt("/other.py", again => again["Name"] = job);
        Assert.Equal("/other.py", (string?)(await Job(job))["Command"]!["ScriptLocation"]);
    }

    [Fact]
    public async Task Are_listed_by_their_tags()
    {
        var nightly = await _user.AJob("", job => job["Tags"] = new JsonObject { ["when"] = "night", ["who"] = "me" });
        await _user.AJob("", job => job["Tags"] = new JsonObject { ["when"] = "day" });
        var listed = await _user.Call("ListJobs", new { Tags = new { when = "night" } });
        Assert.Equal(nightly, (string?)Assert.Single(listed["JobNames"]!.AsArray()));
    }

    private async Task<JsonObject> Job(string name) =>
        (await _user.Call("GetJob", new { JobName = name }))["Job"]!.AsObject();

    private static JsonObject EveryMemberButCapacity()
    {
        var job = JsonNode
            .Parse(File.ReadAllText(Path.Combine(Places.ProtocolTests, "Wire", "every-member.json")))!
            .AsObject();
        job["Name"] = $"every-member-{Guid.NewGuid():N}";
        return job;
    }
}
