using GlueOrleans.Tests.Protocol.Support;
using Xunit;
using static GlueOrleans.Tests.Protocol.Wire.A_bad_request;

namespace GlueOrleans.Tests.Protocol.Startup;

public sealed class Limits_of_an_account
{
    private static readonly string[] Settings =
    [
        "--Limits:Jobs=1",
        "--Limits:SecurityConfigurations=1",
        "--Limits:UsageProfiles=1",
        "--Glue:UsageProfile=first",
    ];

    [Fact]
    public async Task And_what_it_has_hold_after_the_node_was_killed()
    {
        await using var server = await ServerProcess.Start(Settings);
        var user = server.NewAccount();
        AssertError(await user.Try("CreateJob", Job("first")), "InvalidInputException", "Glue:UsageProfile", "'first'");
        await user.Call("CreateUsageProfile", Profile("first"));
        await user.Call("CreateSecurityConfiguration", SecurityConfiguration("first"));
        await user.Call("CreateJob", Job("first"));
        var arn = $"arn:aws:glue:us-east-1:{user.Account}:job/first";
        await user.Call("TagResource", new { ResourceArn = arn, TagsToAdd = new { team = "data" } });

        await server.Kill();
        await server.StartAgain(Settings);

        var reached = "ResourceNumberLimitExceededException";
        AssertError(await user.Try("CreateJob", Job("second")), reached, "1 jobs", "Limits:Jobs");
        AssertError(await user.Try("CreateUsageProfile", Profile("second")), reached, "Limits:UsageProfiles");
        AssertError(
            await user.Try("CreateSecurityConfiguration", SecurityConfiguration("second")),
            reached,
            "Limits:SecurityConfigurations"
        );
        var job = (await user.Call("GetJob", new { JobName = "first" }))["Job"]!;
        Assert.Equal(("first", 7), ((string?)job["ProfileName"], (int)job["Timeout"]!));
        Assert.Equal(
            """{"Tags":{"team":"data"}}""",
            (await user.Call("GetTags", new { ResourceArn = arn })).ToJsonString()
        );
        await user.Call("GetSecurityConfiguration", new { Name = "first" });
        await user.Call("DeleteJob", new { JobName = "first" });
        await user.Call("CreateJob", Job("second"));
        await server.NewAccount().Call("CreateUsageProfile", Profile("first"));
    }

    private static object Job(string name) =>
        new
        {
            Name = name,
            Role = "any",
            Command = new { Name = "pythonshell", ScriptLocation = "/s.py" },
        };

    private static object Profile(string name) =>
        new { Name = name, Configuration = new { JobConfiguration = new { timeout = new { DefaultValue = "7" } } } };

    private static object SecurityConfiguration(string name) => new { Name = name, EncryptionConfiguration = new { } };
}
