using System.Text;
using System.Text.Json.Nodes;
using GlueOrleans.Gateway;
using GlueOrleans.Gateway.Neighbours;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.Tests.Unit.Gateway.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace GlueOrleans.Tests.Unit.Security;

/// <summary>What an access key may be used for, over every operation there is.</summary>
public sealed class Permissions_of_a_key
{
    private const string Account = "123456789012";

    /// <summary>Operations that change something. What is not here and not a read has been forgotten.</summary>
    private static readonly string[] Writes =
    [
        "BatchStopJobRun",
        "CreateJob",
        "CreateSecurityConfiguration",
        "CreateUsageProfile",
        "DeleteJob",
        "DeleteSecurityConfiguration",
        "DeleteUsageProfile",
        "ResetJobBookmark",
        "StartJobRun",
        "TagResource",
        "UntagResource",
        "UpdateJob",
        "UpdateUsageProfile",
    ];

    private static readonly string[] AcrossJobs = ["GetJobs", "ListJobs"];

    private readonly FakeGrains _grains = new();

    public static TheoryData<string> Operations => [.. ShapeTable.Glue.Operations.Keys];

    [Theory]
    [InlineData("*", "", true)]
    [InlineData("sales-*", "sales-report", true)]
    [InlineData("sales-*", "sales-", true)]
    [InlineData("sales-*", "Sales-report", false)]
    [InlineData("sales-*", "my-sales-report", false)]
    [InlineData("*-report", "sales-report", true)]
    [InlineData("*-report", "sales-reports", false)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b*c", "a-c-b", false)]
    [InlineData("a**", "a", true)]
    [InlineData("job", "job", true)]
    [InlineData("job", "jobs", false)]
    [InlineData("j?b", "job", false)]
    [InlineData("[a-z]*", "job", false)]
    [InlineData("", "job", false)]
    public void A_star_stands_for_any_characters(string pattern, string name, bool matches) =>
        Assert.Equal(matches, Pattern.Matches(pattern, name));

    [Fact]
    public void A_pattern_of_many_stars_takes_no_time() =>
        Assert.False(Pattern.Matches(string.Concat(Enumerable.Repeat("*a", 120)) + "b", new string('a', 255)));

    [Fact]
    public void Every_operation_is_one_that_reads_or_one_that_is_known_to_write()
    {
        var services = new ServiceCollection().AddSingleton<IGrainFactory>(_grains).AddLogging();
        using var provider = services.AddGlueGateway().BuildServiceProvider();
        string[] served =
        [
            .. ShapeTable.Glue.Operations.Keys,
            .. provider.GetServices<ILogsOperation>().Select(operation => operation.Name),
            .. provider.GetServices<IAwsQueryAction>().Select(action => action.Name),
        ];
        Assert.Equal(served.Order(StringComparer.Ordinal), CredentialRules.Operations.Order(StringComparer.Ordinal));
        Assert.All(served, name => Assert.True(Permissions.IsRead(name) != Writes.Contains(name), name));
    }

    [Theory, MemberData(nameof(Operations))]
    public async Task A_key_for_reading_writes_nothing(string operation) =>
        Assert.Equal(Writes.Contains(operation), await IsDenied(operation, new Permissions(readOnly: true)));

    [Theory, MemberData(nameof(Operations))]
    public async Task A_key_for_some_operations_is_for_no_other(string operation)
    {
        Assert.False(await IsDenied(operation, new Permissions([operation])));
        Assert.True(await IsDenied(operation, new Permissions([operation + "s", "Nothing*"])));
    }

    [Theory, MemberData(nameof(Operations))]
    public async Task A_key_for_some_jobs_is_for_no_other_and_changes_nothing_that_jobs_share(string operation)
    {
        var namesJobs = NamesJobs(operation);
        Assert.Equal(
            AcrossJobs.Contains(operation) || (!namesJobs && Writes.Contains(operation)),
            await IsDenied(operation, new Permissions(jobs: ["a*"]))
        );
        Assert.Equal(
            namesJobs || AcrossJobs.Contains(operation) || Writes.Contains(operation),
            await IsDenied(operation, new Permissions(jobs: ["b*"]))
        );
        Assert.False(await IsDenied(operation, new Permissions(jobs: ["*"])));
    }

    [Fact]
    public async Task A_refusal_names_who_what_and_which_in_IAM_s_words()
    {
        var denied = await Handle("StartJobRun", """{"JobName":"other"}""", new Permissions(jobs: ["sales-*"]));
        Assert.Equal(
            new AwsError(
                "AccessDeniedException",
                400,
                "message",
                $"User: arn:aws:iam::{Account}:user/ann is not authorized to perform: glue:StartJobRun on resource: "
                    + $"arn:aws:glue:eu-central-1:{Account}:job/other because no identity-based policy allows the "
                    + "glue:StartJobRun action"
            ),
            denied.Error
        );
        Assert.Contains(
            $"glue:ListJobs on resource: arn:aws:glue:eu-central-1:{Account}:job/* because",
            (await Handle("ListJobs", "{}", new Permissions(jobs: ["sales-*"]))).Error!.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Of_several_jobs_every_one_has_to_be_allowed()
    {
        var denied = await Handle(
            "BatchGetJobs",
            """{"JobNames":["sales-a","other","sales-b"]}""",
            new Permissions(jobs: ["sales-*"])
        );
        Assert.Contains(":job/other because", denied.Error!.Message, StringComparison.Ordinal);
        Assert.Null(_grains.Key);
    }

    [Fact]
    public async Task What_is_forbidden_and_missing_answers_as_what_is_forbidden_and_there()
    {
        _grains.Jobs["there"] = AJob.Named("there");
        var permissions = new Permissions(jobs: ["sales-*"]);
        var there = await Handle("GetJob", """{"JobName":"there"}""", permissions);
        var missing = await Handle("GetJob", """{"JobName":"theer"}""", permissions);
        Assert.Equal(there.Error!.Message, missing.Error!.Message.Replace("theer", "there", StringComparison.Ordinal));
        Assert.Null(_grains.Key);
    }

    [Fact]
    public async Task A_log_of_a_job_that_is_not_allowed_is_not_there()
    {
        _grains.Logs[(Account, "/aws-glue/jobs/output", "jr_1")] = ["secret\n"];
        _grains.JobOfLogs = "other";
        Assert.Equal(0, await EventsOf(new Permissions(jobs: ["sales-*"])));
        Assert.Equal(1, await EventsOf(new Permissions(jobs: ["oth*"])));
        Assert.Equal(1, await EventsOf(Permissions.All));

        async Task<int> EventsOf(Permissions permissions)
        {
            var operation = new GetLogEvents(new LogStreams(_grains));
            var answer = await operation.Handle(
                """{"logGroupName":"/aws-glue/jobs/output","logStreamName":"jr_1"}"""u8.ToArray(),
                Caller(permissions)
            );
            Assert.Equal(answer.Body is null, answer.Error?.Code == "ResourceNotFoundException");
            return answer.Body is null ? 0 : JsonNode.Parse(answer.Body)!["events"]!.AsArray().Count;
        }
    }

    /// <summary>Whether a good request of the operation about the job "a", or what the model makes of it, is refused.</summary>
    private async Task<bool> IsDenied(string operation, Permissions permissions)
    {
        var request = Requests.Good(ShapeTable.Glue.Operations[operation].Input).AsObject();
        foreach (var name in new[] { "JobName", "Name" }.Where(request.ContainsKey))
            request[name] = "a";
        if (request.ContainsKey("JobNames"))
            request["JobNames"] = new JsonArray("a");
        if (request.ContainsKey("ResourceArn"))
            request["ResourceArn"] = $"arn:aws:glue:us-east-1:{Account}:job/a";
        try
        {
            return (await Handle(operation, request.ToJsonString(), permissions)).Error?.Code
                == "AccessDeniedException";
        }
        catch (Exception e) when (e is not InvalidOperationException)
        {
            // The fakes have not everything that was asked for; what matters is that it was asked.
            return false;
        }
    }

    private static bool NamesJobs(string operation) =>
        operation
            is not (
                "CreateSecurityConfiguration"
                or "DeleteSecurityConfiguration"
                or "GetSecurityConfiguration"
                or "GetSecurityConfigurations"
                or "CreateUsageProfile"
                or "DeleteUsageProfile"
                or "GetUsageProfile"
                or "UpdateUsageProfile"
                or "ListUsageProfiles"
                or "GetJobs"
                or "ListJobs"
            );

    private Task<AwsAnswer> Handle(string operation, string json, Permissions permissions) =>
        new GlueService(FakeGrains.OperationsOver(_grains)).Handle(
            operation,
            Encoding.UTF8.GetBytes(json),
            Caller(permissions)
        );

    private static Caller Caller(Permissions permissions) =>
        new(Account, InvocationId: "call-1")
        {
            Key = new AccessKey("AKIAIOSFODNN7EXAMPLE", "a secret of some length", Account, "ann", permissions),
            Region = "eu-central-1",
        };
}
