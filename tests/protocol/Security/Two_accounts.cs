using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Security;

/// <summary>Every operation, called by one account about what another has: nothing crosses, neither way.</summary>
public sealed class Two_accounts(SharedServer shared)
{
    private const string NotFound = "EntityNotFoundException";
    private const string Marker = "belongs-to-mine";
    private static readonly object Command = new { Name = "pythonshell", ScriptLocation = "/theirs.py" };

    [Fact]
    public async Task See_and_change_nothing_of_each_other()
    {
        var (mine, theirs) = (shared.NewAccount(), shared.NewAccount());
        var job = await mine.AJob(
            $"print('{Marker}')\n",
            job =>
            {
                job["Description"] = Marker;
                job["Tags"] = new JsonObject { ["kept"] = Marker };
            }
        );
        var run = (string)(await mine.EndedRunOf(job))["Id"]!;
        var profile = new
        {
            Name = "profile",
            Description = Marker,
            Configuration = new { },
        };
        await mine.Call("CreateUsageProfile", profile);
        await mine.Call("CreateSecurityConfiguration", new { Name = "sealed", EncryptionConfiguration = new { } });
        await mine.AJobAt("/second.py");
        var token = (string)(await mine.Call("ListJobs", new { MaxResults = 1 }))["NextToken"]!;
        var arn = $"arn:aws:glue:us-east-1:{mine.Account}:job/{job}";
        var before = await Seen(mine, job, run, arn);

        (string Operation, object Request, string? Error)[] calls =
        [
            ("GetJob", new { JobName = job }, NotFound),
            ("BatchGetJobs", new { JobNames = new[] { job } }, null),
            ("GetJobs", new { }, null),
            ("GetJobs", new { NextToken = token }, "InvalidInputException"),
            ("ListJobs", new { }, null),
            ("ListJobs", new { NextToken = token }, "InvalidInputException"),
            ("ListJobs", new { Tags = new { kept = Marker } }, null),
            ("UpdateJob", new { JobName = job, JobUpdate = new { Role = "theirs", Command } }, NotFound),
            ("DeleteJob", new { JobName = job }, null),
            ("StartJobRun", new { JobName = job }, NotFound),
            ("GetJobRun", new { JobName = job, RunId = run }, NotFound),
            ("GetJobRuns", new { JobName = job }, NotFound),
            ("BatchStopJobRun", new { JobName = job, JobRunIds = new[] { run } }, null),
            ("GetJobBookmark", new { JobName = job }, NotFound),
            ("GetJobBookmark", new { JobName = job, RunId = run }, NotFound),
            ("GetJobBookmarks", new { JobName = job }, NotFound),
            ("ResetJobBookmark", new { JobName = job }, NotFound),
            ("GetTags", new { ResourceArn = arn }, NotFound),
            ("TagResource", new { ResourceArn = arn, TagsToAdd = new { a = "theirs" } }, NotFound),
            ("UntagResource", new { ResourceArn = arn, TagsToRemove = new[] { "kept" } }, NotFound),
            ("GetUsageProfile", new { Name = "profile" }, NotFound),
            ("ListUsageProfiles", new { }, null),
            ("UpdateUsageProfile", new { Name = "profile", Configuration = new { } }, NotFound),
            ("DeleteUsageProfile", new { Name = "profile" }, null),
            ("GetSecurityConfiguration", new { Name = "sealed" }, NotFound),
            ("GetSecurityConfigurations", new { }, null),
            ("DeleteSecurityConfiguration", new { Name = "sealed" }, NotFound),
            // Names are each account's own: these are made beside mine, not found to be there.
            ("CreateSecurityConfiguration", new { Name = "sealed", EncryptionConfiguration = new { } }, null),
            ("CreateUsageProfile", new { Name = "profile", Configuration = new { } }, null),
            (
                "CreateJob",
                new
                {
                    Name = job,
                    Role = "theirs",
                    Command,
                },
                null
            ),
            // And with a job of the same name, its runs are still not theirs.
            ("GetJobRun", new { JobName = job, RunId = run }, NotFound),
            ("GetJobRuns", new { JobName = job }, null),
            ("StartJobRun", new { JobName = job, JobRunId = run }, NotFound),
            ("BatchStopJobRun", new { JobName = job, JobRunIds = new[] { run } }, null),
            ("GetTags", new { ResourceArn = $"arn:aws:glue:us-east-1:{theirs.Account}:job/{job}" }, null),
        ];
        var operations = Directory
            .GetFiles(Path.Combine(Places.ProtocolTests, "golden"), "*.json")
            .Select(file => Path.GetFileName(file).Split('.')[0])
            .Distinct();
        Assert.Empty(operations.Except(calls.Select(call => call.Operation)));

        foreach (var (operation, request, error) in calls)
        {
            var answer = await theirs.Try(operation, request);
            var because = $"{operation}: {answer}";
            Assert.True(error == answer.ErrorCode, because);
            Assert.False(answer.Body.Contains(Marker, StringComparison.Ordinal), because);
            Assert.False(answer.Body.Contains("SUCCEEDED", StringComparison.Ordinal), because);
            if (
                operation
                    is "GetJobs"
                        or "ListJobs"
                        or "BatchGetJobs"
                        or "ListUsageProfiles"
                        or "GetSecurityConfigurations"
                && error is null
            )
                Assert.True(
                    answer
                        .Json.Where(member => member.Key != "JobsNotFound")
                        .All(member => member.Value!.AsArray().Count == 0),
                    because
                );
        }

        Assert.Equal(before, await Seen(mine, job, run, arn));
    }

    /// <summary>All that an account sees of its own.</summary>
    private static async Task<string> Seen(GlueUser user, string job, string run, string arn)
    {
        (string Operation, object Request)[] calls =
        [
            ("GetJobs", new { }),
            ("GetJobRun", new { JobName = job, RunId = run }),
            ("GetJobRuns", new { JobName = job }),
            ("GetTags", new { ResourceArn = arn }),
            ("GetUsageProfile", new { Name = "profile" }),
            ("GetSecurityConfigurations", new { }),
        ];
        var answers = new List<string>();
        foreach (var (operation, request) in calls)
            answers.Add((await user.Call(operation, request)).ToJsonString());
        return string.Join('\n', answers);
    }
}
