using System.Globalization;
using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;
using static GlueOrleans.Tests.Protocol.Wire.A_bad_request;

namespace GlueOrleans.Tests.Protocol.Wire;

public sealed class Security_configurations(SharedServer shared)
{
    private const string Encryption = """
        {"S3Encryption":[{"S3EncryptionMode":"SSE-KMS","KmsKeyArn":"arn:aws:kms:us-east-1:000000000000:key/k"}],
        "CloudWatchEncryption":{"CloudWatchEncryptionMode":"DISABLED","KmsKeyArn":""},
        "JobBookmarksEncryption":{"JobBookmarksEncryptionMode":"CSE-KMS"},
        "DataQualityEncryption":{"DataQualityEncryptionMode":"SSE-KMS"}}
        """;

    private readonly GlueUser _user = shared.NewAccount();

    /// <summary>The model spells the time differently in the two answers, and SDKs read just that.</summary>
    [Fact]
    public async Task Come_back_as_they_were_sent_with_their_time_in_two_spellings()
    {
        var created = await Create("tight");
        Assert.Equal(["Name", "CreatedTimestamp"], created.Select(member => member.Key));

        var seen = (await _user.Call("GetSecurityConfiguration", new { Name = "tight" }))["SecurityConfiguration"]!;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Encryption), seen["EncryptionConfiguration"]), $"{seen}");
        Assert.Equal((double)created["CreatedTimestamp"]!, (double)seen["CreatedTimeStamp"]!);
        Assert.False(seen.AsObject().ContainsKey("CreatedTimestamp"));
    }

    [Fact]
    public async Task Are_listed_in_pages()
    {
        for (var i = 0; i < 5; i++)
            await Create($"sc-{i}");
        List<string> names = [];
        string? token = null;
        do
        {
            var page = await _user.Call("GetSecurityConfigurations", new { MaxResults = 2, NextToken = token });
            names.AddRange(page["SecurityConfigurations"]!.AsArray().Select(found => (string)found!["Name"]!));
            token = (string?)page["NextToken"];
        } while (token is not null && names.Count < 10);

        Assert.Equal(Enumerable.Range(0, 5).Select(i => string.Create(CultureInfo.InvariantCulture, $"sc-{i}")), names);
        AssertError(
            await _user.Try("GetSecurityConfigurations", new { NextToken = "made up" }),
            "InvalidInputException",
            "NextToken"
        );
    }

    [Fact]
    public async Task Are_created_once_and_deleted_once()
    {
        await Create("tight");
        var again = new { Name = "tight", EncryptionConfiguration = new { } };
        AssertError(await _user.Try("CreateSecurityConfiguration", again), "AlreadyExistsException", "'tight'");
        var named = new { Name = "tight" };
        Assert.Empty(await _user.Call("DeleteSecurityConfiguration", named));
        AssertError(await _user.Try("DeleteSecurityConfiguration", named), "EntityNotFoundException", "'tight'");
        AssertError(await _user.Try("GetSecurityConfiguration", named), "EntityNotFoundException", "'tight'");
    }

    [Fact]
    public async Task That_do_not_exist_can_be_named_by_a_job_but_not_run_under()
    {
        var job = await _user.AJob("print('here')", job => job["SecurityConfiguration"] = "later");
        AssertError(
            await _user.Try("StartJobRun", new { JobName = job }),
            "EntityNotFoundException",
            "'later'",
            "CreateSecurityConfiguration"
        );
        Assert.Empty(await _user.Runs(job));

        await Create("later");

        var run = await _user.EndedRunOf(job);
        Assert.Equal("SUCCEEDED", GlueUser.State(run));
        Assert.Equal("later", (string?)run["SecurityConfiguration"]);
        Assert.Equal("/aws-glue/python-jobs-any-later/", (string?)run["LogGroupName"]);
    }

    private Task<JsonObject> Create(string name) =>
        _user.Call(
            "CreateSecurityConfiguration",
            new { Name = name, EncryptionConfiguration = JsonNode.Parse(Encryption) }
        );
}
