using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Wire;

public sealed class A_good_request(SharedServer shared)
{
    private readonly GlueUser _user = shared.NewAccount();

    [Fact]
    public async Task Is_answered_with_the_headers_of_the_protocol()
    {
        var answer = await _user.Try("ListJobs", new { });
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        AssertHeaders(answer);
        Assert.DoesNotContain("x-amzn-errortype", answer.Headers);
    }

    [Fact]
    public async Task May_have_no_body_at_all()
    {
        var answer = await _user.Send("GetJobs", "");
        Assert.Equal("""{"Jobs":[]}""", answer.Body);
    }

    [Fact]
    public async Task May_come_in_chunks()
    {
        var answer = await _user.Post(
            "AWSGlue.ListJobs",
            new ByteArrayContent("{}"u8.ToArray()),
            request => request.Headers.TransferEncodingChunked = true
        );
        Assert.Equal("""{"JobNames":[]}""", answer.Body);
    }

    [Fact]
    public async Task May_have_members_that_the_model_lacks_and_nulls_for_absent_ones()
    {
        var answer = await _user.Send("ListJobs", """{"Newer":{"than":["this"]},"NextToken":null,"MaxResults":null}""");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Fact]
    public async Task Keeps_text_of_every_script_as_it_was_sent()
    {
        const string text = "Zürich, 東京, \U0001F680, \"quoted\", <tag> & 'more'";
        var job = await _user.AJob("", job => job["Description"] = text);
        Assert.Equal(text, (string?)(await _user.Call("GetJob", new { JobName = job }))["Job"]!["Description"]);
    }

    [Fact]
    public async Task Shows_times_as_seconds_with_a_fraction()
    {
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
        var job = await _user.AJob("");
        var body = (await _user.Try("GetJob", new { JobName = job })).Body;
        var after = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

        // The text, not a parsed number: 1.6E9 and "1600000000" would break clients.
        var text = body.Split("\"CreatedOn\":")[1].Split(',', '}')[0];
        Assert.Matches(@"^\d{10}(\.\d{1,3})?$", text);
        Assert.InRange(double.Parse(text, CultureInfo.InvariantCulture), before - 0.001, after + 0.001);
    }

    internal static void AssertHeaders(Answer answer)
    {
        Assert.Equal("application/x-amz-json-1.1", answer.Headers["Content-Type"]);
        Assert.Equal(
            Encoding.UTF8.GetByteCount(answer.Body).ToString(CultureInfo.InvariantCulture),
            answer.Headers["Content-Length"]
        );
        Assert.True(Guid.TryParse(answer.Headers["x-amzn-RequestId"], out _));
        var date = DateTimeOffset.ParseExact(answer.Headers["Date"], "r", CultureInfo.InvariantCulture);
        Assert.InRange(TimeProvider.System.GetUtcNow() - date, TimeSpan.FromMinutes(-1), TimeSpan.FromMinutes(1));
        Assert.IsType<JsonObject>(JsonNode.Parse(answer.Body));
    }
}
