using System.Text.Json.Nodes;
using GlueOrleans.Gateway.Operations;
using GlueOrleans.GrainInterfaces.Bookmarks;
using GlueOrleans.GrainInterfaces.Jobs;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway;

/// <summary>The operations of a job's bookmark.</summary>
public sealed partial class Operations_over_fake_grains
{
    [Fact]
    public async Task GetJobBookmark_writes_the_entry_and_leaves_out_the_runs_it_has_not()
    {
        _grains.Bookmarks.Add(ABookmark(7) with { Version = 3, Run = 2, Attempt = 1, State = """{"c":"x"}""" });
        var json = await Answer("GetJobBookmark", """{"JobName":"job","Version":3}""");
        var expected = JsonNode.Parse(
            """
            {"JobBookmarkEntry":{"JobName":"job","Version":3,"Run":2,"Attempt":1,"RunId":"jr_7","JobBookmark":"{\"c\":\"x\"}"}}
            """
        );
        Assert.True(JsonNode.DeepEquals(expected, json), json.ToJsonString());
    }

    [Theory]
    [InlineData("GetJobBookmark")]
    [InlineData("GetJobBookmarks")]
    [InlineData("ResetJobBookmark")]
    public async Task A_name_that_no_job_can_have_is_not_found_without_asking_a_grain(string operation)
    {
        var error = await Error(operation, $$"""{"JobName":"{{new string('n', 5000)}}"}""");
        Assert.Equal("EntityNotFoundException", error.Code);
        Assert.InRange(error.Message.Length, 1, 400);
        Assert.Null(_grains.Key);
    }

    /// <summary>The token is an integer: 1 at the end, above 1 before it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(1000)]
    public async Task GetJobBookmarks_goes_through_the_history_until_its_token_is_1(int pageSize)
    {
        for (var revision = 70; revision > 0; revision--)
            _grains.Bookmarks.Add(ABookmark(revision));

        var ids = new List<string>();
        var token = 0;
        for (var pages = 0; token != 1; pages++)
        {
            Assert.True(pages < 71, "The listing does not end.");
            var page = await Answer(
                "GetJobBookmarks",
                $$"""{"JobName":"job","MaxResults":{{pageSize}},"NextToken":{{token}}}"""
            );
            var entries = page["JobBookmarkEntries"]!.AsArray();
            Assert.InRange(entries.Count, 1, Math.Min(pageSize, GetJobBookmarks.LargestPage));
            ids.AddRange(entries.Select(entry => (string)entry!["RunId"]!));
            token = (int)page["NextToken"]!;
            Assert.True(token >= 1);
        }

        Assert.Equal(_grains.Bookmarks.Select(entry => entry.RunId), ids);
    }

    [Fact]
    public async Task GetJobBookmarks_of_a_job_without_any_is_an_empty_last_page()
    {
        var page = await Answer("GetJobBookmarks", """{"JobName":"job"}""");
        Assert.Equal("""{"JobBookmarkEntries":[],"NextToken":1}""", page.ToJsonString());
    }

    private static BookmarkEntry ABookmark(int revision) =>
        new()
        {
            Job = new JobKey("000000000000", "job"),
            Revision = revision,
            Version = revision,
            Run = revision,
            Attempt = 0,
            RunId = $"jr_{revision}",
            State = "{}",
        };
}
