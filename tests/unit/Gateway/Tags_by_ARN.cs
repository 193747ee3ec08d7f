using System.Text;
using System.Text.Json.Nodes;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.GrainInterfaces.Profiles;
using GlueOrleans.Tests.Unit.Gateway.Support;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway;

/// <summary>Which resource an ARN names, for the three tag operations.</summary>
public sealed class Tags_by_ARN
{
    private const string Account = "111111111111";
    private readonly FakeGrains _grains = new();

    public Tags_by_ARN()
    {
        _grains.Jobs["job"] = AJob.Named("job") with { Tags = new Dictionary<string, string> { ["k"] = "v" } };
        _grains.Jobs["a/b:c"] = AJob.Named("a/b:c");
        _grains.Profiles["small"] = new UsageProfile
        {
            Name = "small",
            Configuration = new ProfileConfiguration(),
            Tags = new Dictionary<string, string> { ["p"] = "q" },
            CreatedOn = AJob.Noon,
            LastModifiedOn = AJob.Noon,
        };
    }

    [Theory]
    [InlineData("arn:aws:glue:us-east-1:111111111111:job/job", """{"Tags":{"k":"v"}}""")]
    [InlineData("arn:aws-cn:glue:cn-north-1:111111111111:job/job", """{"Tags":{"k":"v"}}""")]
    [InlineData("arn:aws:glue:us-east-1::job/job", """{"Tags":{"k":"v"}}""")] // Terraform without an account id
    [InlineData("arn:aws:glue:us-east-1:111111111111:job/a/b:c", """{"Tags":{}}""")]
    [InlineData("arn:aws:glue:us-east-1:111111111111:usageProfile/small", """{"Tags":{"p":"q"}}""")]
    public async Task Are_those_of_the_resource(string arn, string answer) =>
        Assert.Equal(answer, Encoding.UTF8.GetString((await Ask("GetTags", arn)).Body!));

    [Theory]
    [InlineData("arn:aws:glue:us-east-1:111111111111:job/none")]
    [InlineData("arn:aws:glue:us-east-1:222222222222:job/job")]
    [InlineData("arn:aws:glue:us-east-1:111111111111:usageProfile/none")]
    public async Task Of_nothing_of_the_callers_name_the_ARN(string arn)
    {
        foreach (var operation in new[] { "GetTags", "TagResource", "UntagResource" })
        {
            var error = (await Ask(operation, arn)).Error;
            Assert.Equal("EntityNotFoundException", error?.Code);
            Assert.Contains(arn, error!.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("arn:aws:glue:us-east-1:111111111111:crawler/c", "'crawler'")]
    [InlineData("arn:aws:glue:us-east-1:111111111111:Job/job", "'Job'")]
    [InlineData("arn:aws:glue:us-east-1:222222222222:database/d", "'database'")]
    [InlineData("arn:aws:glue:us-east-1:111111111111:catalog", "is not valid")]
    [InlineData("arn:aws:glue:us-east-1:111111111111:job/", "is not valid")]
    [InlineData("arn:aws:glue:job/job", "is not valid")]
    [InlineData("arn:aws:glue:us-east-1:111111111111:job/a\0b", "is not valid")] // no key of a grain
    [InlineData("arn:aws:glue:us-east-1:111111111111:usageProfile/\u001b", "is not valid")]
    public async Task Of_a_kind_without_tags_are_refused_with_the_kinds_that_have_some(string arn, string says)
    {
        var error = (await Ask("GetTags", arn)).Error;
        Assert.Equal("InvalidInputException", error?.Code);
        Assert.Contains(says, error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_name_longer_than_any_are_refused() =>
        Assert.Equal(
            "InvalidInputException",
            (await Ask("GetTags", $"arn:aws:glue:us-east-1:{Account}:job/{new string('n', 256)}")).Error?.Code
        );

    [Fact]
    public async Task Are_added_and_removed_by_the_grain()
    {
        foreach (var resource in new[] { "job/job", "usageProfile/small" })
        {
            var arn = $"arn:aws:glue:us-east-1:{Account}:{resource}";
            Assert.Equal("{}", Encoding.UTF8.GetString((await Ask("TagResource", arn)).Body!));
            Assert.Equal("new", _grains.Tags?["added"]);
            Assert.Equal("{}", Encoding.UTF8.GetString((await Ask("UntagResource", arn)).Body!));
            Assert.Equal(["removed"], _grains.RemovedTags);
        }
    }

    private Task<AwsAnswer> Ask(string operation, string arn)
    {
        var request = new JsonObject
        {
            ["ResourceArn"] = arn,
            ["TagsToAdd"] = new JsonObject { ["added"] = "new" },
            ["TagsToRemove"] = new JsonArray("removed"),
        };
        return new GlueService(FakeGrains.OperationsOver(_grains)).Handle(
            operation,
            Encoding.UTF8.GetBytes(request.ToJsonString()),
            new Caller(Account)
        );
    }
}
