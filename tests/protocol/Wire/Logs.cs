using System.Text.Json;
using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Wire;

/// <summary>What a run printed, by CloudWatch Logs' names for it: its groups, and whose they are.</summary>
public sealed class Logs(SharedServer shared)
{
    private const string Script = "import sys\nprint('out')\nprint('err', file=sys.stderr)\n";

    [Fact]
    public async Task Are_in_the_groups_that_begin_with_the_LogGroupName()
    {
        var user = shared.NewAccount();
        var run = await user.EndedRunOf(await user.AJob(Script));
        Assert.Equal("/aws-glue/python-jobs", (string?)run["LogGroupName"]);

        Assert.Equal("out\n", await Message(user, "/aws-glue/python-jobs/output", run));
        Assert.Equal("err\n", await Message(user, "/aws-glue/python-jobs/error", run));
        await AssertNone(user, "/aws-glue/python-jobs", run);
        await AssertNone(user, "/aws-glue/jobs/output", run);
    }

    /// <summary>Then the prefix ends with a slash, and clients append another one.</summary>
    [Fact]
    public async Task Are_in_groups_of_their_own_with_a_security_configuration()
    {
        var user = shared.NewAccount();
        await user.Call("CreateSecurityConfiguration", new { Name = "sealed", EncryptionConfiguration = new { } });
        var job = await user.AJob(Script, job => job["SecurityConfiguration"] = "sealed");
        var run = await user.EndedRunOf(job);
        Assert.Equal("/aws-glue/python-jobs-any-sealed/", (string?)run["LogGroupName"]);

        Assert.Equal("out\n", await Message(user, "/aws-glue/python-jobs-any-sealed//output", run));
        Assert.Equal("err\n", await Message(user, "/aws-glue/python-jobs-any-sealed/error", run));
        await AssertNone(user, "/aws-glue/python-jobs/output", run);
    }

    [Fact]
    public async Task Are_only_for_the_account_of_the_run()
    {
        var user = shared.NewAccount();
        var run = await user.EndedRunOf(await user.AJob(Script));
        await AssertNone(shared.NewAccount(), "/aws-glue/python-jobs/output", run);
    }

    [Fact]
    public async Task Of_a_run_whose_script_was_never_started_do_not_exist()
    {
        var user = shared.NewAccount();
        var run = await user.EndedRunOf(await user.AJobAt("/there/is/no/script.py"));
        await AssertNone(user, "/aws-glue/python-jobs/output", run);
    }

    private static async Task<string?> Message(GlueUser user, string group, JsonObject run)
    {
        var answer = await Read(user, group, run);
        Assert.True((int)answer.Status == 200, answer.ToString());
        return (string?)Assert.Single(answer.Json["events"]!.AsArray())!["message"];
    }

    private static async Task AssertNone(GlueUser user, string group, JsonObject run) =>
        A_bad_request.AssertError(await Read(user, group, run), "ResourceNotFoundException", group);

    private static Task<Answer> Read(GlueUser user, string group, JsonObject run)
    {
        var request = new { logGroupName = group, logStreamName = (string?)run["Id"] };
        return user.Post("Logs_20140328.GetLogEvents", new StringContent(JsonSerializer.Serialize(request)));
    }
}
