using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;
using static GlueOrleans.Tests.Protocol.Wire.A_bad_request;

namespace GlueOrleans.Tests.Protocol.Wire;

/// <summary>Clients send what breaks them: they check types and minimums only. (That each one holds, the unit tests show.)</summary>
public sealed class Constraints_of_the_model(SharedServer shared)
{
    private const string Invalid = "ValidationException";
    private readonly GlueUser _user = shared.NewAccount();

    [Fact]
    public async Task A_page_has_at_most_200_runs()
    {
        var answer = await _user.Try("GetJobRuns", new { JobName = "a", MaxResults = 201 });
        AssertError(answer, Invalid, "201", "'maxResults'", "less than or equal to 200");
    }

    [Fact]
    public async Task A_page_has_at_least_one_entry()
    {
        var answer = await _user.Try("GetJobs", new { MaxResults = 0 });
        AssertError(answer, Invalid, "'0'", "'maxResults'", "greater than or equal to 1");
    }

    [Fact]
    public async Task A_stop_names_at_most_25_runs()
    {
        var answer = await _user.Try(
            "BatchStopJobRun",
            new { JobName = "a", JobRunIds = Enumerable.Range(0, 26).Select(i => $"jr_{i}") }
        );
        AssertError(answer, Invalid, "'jobRunIds'", "length less than or equal to 25");
        answer = await _user.Try("BatchStopJobRun", new { JobName = "a", JobRunIds = Array.Empty<string>() });
        AssertError(answer, Invalid, "'jobRunIds'", "length greater than or equal to 1");
    }

    [Fact]
    public async Task A_job_has_a_name_of_at_most_255_characters()
    {
        var longest = new string('n', 255);
        var created = await _user.AJob("", job => job["Name"] = longest);
        Assert.Equal(longest, created);

        var answer = await _user.Try("CreateJob", AJob(job => job["Name"] = longest + "n"));
        AssertError(answer, Invalid, longest[..50], "'name'", "length less than or equal to 255");
        AssertError(await _user.Try("GetJob", new { JobName = longest + "n" }), Invalid, "'jobName'");
        AssertError(await _user.Try("GetJob", new { JobName = "two\nlines" }), Invalid, "'jobName'", "pattern");
    }

    [Fact]
    public async Task A_job_has_a_command()
    {
        var answer = await _user.Try("CreateJob", AJob(job => job.Remove("Command")));
        AssertError(answer, Invalid, "'command'", "must not be null");
        answer = await _user.Try("CreateJob", AJob(job => job["Command"] = new JsonObject()));
        AssertError(answer, "InvalidInputException", "Command name should not be null or empty");
        answer = await _user.Try("CreateJob", AJob(job => job["Command"]!["Name"] = "cobol"));
        AssertError(answer, "InvalidInputException", "cobol", "pythonshell");
    }

    [Theory]
    [InlineData("any")]
    [InlineData("arn:aws:iam::000000000000:role/none")]
    [InlineData("Rolle für 東京; not an ARN at all")]
    public async Task A_role_may_be_any_text(string role)
    {
        var job = await _user.AJob("", job => job["Role"] = role);
        Assert.Equal(role, (string?)(await _user.Call("GetJob", new { JobName = job }))["Job"]!["Role"]);
    }

    [Fact]
    public async Task Several_violations_are_reported_together()
    {
        var answer = await _user.Try(
            "CreateJob",
            AJob(job =>
            {
                job["Name"] = "";
                job["WorkerType"] = "G.99X";
            })
        );
        AssertError(answer, Invalid, "2 validation errors detected", "'name'", "'workerType'", "enum value set");
    }

    private static JsonObject AJob(Action<JsonObject> with)
    {
        var job = new JsonObject
        {
            ["Name"] = "a",
            ["Role"] = "any",
            ["Command"] = new JsonObject { ["Name"] = "pythonshell", ["ScriptLocation"] = "/none.py" },
        };
        with(job);
        return job;
    }
}
