using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;
using static GlueOrleans.Tests.Protocol.Wire.A_bad_request;

namespace GlueOrleans.Tests.Protocol.Wire;

public sealed class Tags(SharedServer shared)
{
    private readonly GlueUser _user = shared.NewAccount();

    /// <summary>What Terraform does with an aws_glue_job whose tags change.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)] // it was told to skip asking for its account id
    public async Task Are_changed_as_Terraform_changes_those_of_a_job(bool knowsItsAccount)
    {
        var job = await _user.AJob("", job => job["Tags"] = new JsonObject { ["Name"] = "nightly", ["team"] = "data" });
        var arn = $"arn:aws:glue:us-east-1:{(knowsItsAccount ? _user.Account : "")}:job/{job}";
        Assert.Equal("""{"Name":"nightly","team":"data"}""", await TagsOf(arn));

        await _user.Call("UntagResource", new { ResourceArn = arn, TagsToRemove = new[] { "team" } });
        await _user.Call("TagResource", new { ResourceArn = arn, TagsToAdd = new { Name = "daily" } });

        Assert.Equal("""{"Name":"daily"}""", await TagsOf(arn));
        var listed = await _user.Call("ListJobs", new { Tags = new { Name = "daily" } });
        Assert.Equal(job, (string?)Assert.Single(listed["JobNames"]!.AsArray()));
        listed = await _user.Call("ListJobs", new { Tags = new { team = "data" } });
        Assert.Empty(listed["JobNames"]!.AsArray());
    }

    [Fact]
    public async Task Of_a_job_outlive_its_update_and_end_with_it()
    {
        var job = await _user.AJobAt("/s.py", job => job["Tags"] = new JsonObject { ["team"] = "data" });
        var arn = $"arn:aws:glue:us-east-1:{_user.Account}:job/{job}";
        var update = new { Role = "r", Command = new { Name = "pythonshell", ScriptLocation = "/s.py" } };
        await _user.Call("UpdateJob", new { JobName = job, JobUpdate = update });
        Assert.Equal("""{"team":"data"}""", await TagsOf(arn));

        await _user.Call("DeleteJob", new { JobName = job });
        AssertError(await _user.Try("GetTags", new { ResourceArn = arn }), "EntityNotFoundException", arn);
        await _user.AJobAt("/s.py", again => again["Name"] = job);
        Assert.Equal("{}", await TagsOf(arn));
    }

    [Theory]
    [InlineData("TagResource", """{"aws:name":"x"}""", "'aws:name'")]
    [InlineData("CreateJob", """{"AWS":"x"}""", "'AWS'")]
    [InlineData("CreateUsageProfile", """{"aws-x":"x"}""", "'aws-x'")]
    public async Task With_a_reserved_key_are_refused(string operation, string tags, string says)
    {
        var job = await _user.AJobAt("/s.py");
        var answer = await _user.Try(
            operation,
            new JsonObject
            {
                ["ResourceArn"] = $"arn:aws:glue:us-east-1::job/{job}",
                ["TagsToAdd"] = JsonNode.Parse(tags),
                ["Name"] = "tagged",
                ["Role"] = "any",
                ["Command"] = new JsonObject { ["Name"] = "pythonshell", ["ScriptLocation"] = "/s.py" },
                ["Configuration"] = new JsonObject(),
                ["Tags"] = JsonNode.Parse(tags),
            }
        );
        AssertError(answer, "InvalidInputException", says);
    }

    [Fact]
    public async Task Are_at_most_fifty_in_all()
    {
        var job = await _user.AJobAt("/s.py", job => job["Tags"] = Numbered(0, 30));
        var arn = $"arn:aws:glue:us-east-1:{_user.Account}:job/{job}";
        var tooMany = await _user.Try("TagResource", new { ResourceArn = arn, TagsToAdd = Numbered(25, 26) });
        AssertError(tooMany, "InvalidInputException", "51", "50");
        await _user.Call("TagResource", new { ResourceArn = arn, TagsToAdd = Numbered(25, 25) });
        Assert.Equal(50, JsonNode.Parse(await TagsOf(arn))!.AsObject().Count);

        static JsonObject Numbered(int first, int count) =>
            new(Enumerable.Range(first, count).Select(i => KeyValuePair.Create($"key-{i}", (JsonNode?)$"{i}")));
    }

    [Fact]
    public async Task Of_another_accounts_job_and_of_kinds_without_tags_are_not_shown()
    {
        var theirs = shared.NewAccount();
        var job = await theirs.AJobAt("/s.py");
        var arn = $"arn:aws:glue:us-east-1:{theirs.Account}:job/{job}";
        AssertError(await _user.Try("GetTags", new { ResourceArn = arn }), "EntityNotFoundException", arn);
        AssertError(
            await _user.Try("GetTags", new { ResourceArn = "arn:aws:glue:us-east-1::crawler/c" }),
            "InvalidInputException",
            "'crawler'",
            "job/<name>"
        );
    }

    private async Task<string> TagsOf(string arn)
    {
        var tags = (await _user.Call("GetTags", new { ResourceArn = arn }))["Tags"]!.AsObject();
        return new JsonObject(
            tags.OrderBy(tag => tag.Key, StringComparer.Ordinal)
                .Select(tag => KeyValuePair.Create(tag.Key, tag.Value?.DeepClone()))
        ).ToJsonString();
    }
}
