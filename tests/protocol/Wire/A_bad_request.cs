using System.IO.Compression;
using System.Net;
using System.Text;
using GlueOrleans.Tests.Protocol.Support;
using Xunit;

namespace GlueOrleans.Tests.Protocol.Wire;

public sealed class A_bad_request(SharedServer shared)
{
    private const int TenMegabytes = 10 * 1024 * 1024;
    private readonly GlueUser _user = shared.NewAccount();

    [Theory]
    [InlineData(null, "UnknownOperationException", "X-Amz-Target")]
    [InlineData("AWSGlue.NoSuchOperation", "UnknownOperationException", "NoSuchOperation")]
    [InlineData("AWSGlue", "UnknownOperationException", "AWSGlue")]
    [InlineData("AWSGlue.", "UnknownOperationException", "''")]
    [InlineData("AWSGlue.getjobs", "UnknownOperationException", "getjobs")]
    [InlineData("Logs_20140328.PutLogEvents", "UnknownOperationException", "PutLogEvents")]
    [InlineData("DynamoDB_20120810.ListTables", "UnknownOperationException", "DynamoDB_20120810.ListTables")]
    public async Task With_a_target_that_nobody_serves_names_it(string? target, string code, string names)
    {
        var answer = await _user.Post(target, new ByteArrayContent("{}"u8.ToArray()));
        AssertError(answer, code, names);
    }

    /// <summary>A page that rebinds its own name to loopback is same-origin with the node, and needs no preflight.</summary>
    [Fact]
    public async Task Under_a_name_that_is_not_this_machines_is_refused()
    {
        var content = new ByteArrayContent("{}"u8.ToArray());
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, shared.Server.Url) { Content = content };
        request.Headers.Host = "evil.example:4580";
        request.Headers.Add("X-Amz-Target", "AWSGlue.ListJobs");

        using var response = await http.SendAsync(request);

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("{\"JobName\":")]
    [InlineData("{'JobName':'a'}")]
    [InlineData("{\"JobName\":\"a\"} trailing")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("[{\"JobName\":\"a\"}]")]
    [InlineData("\"text\"")]
    [InlineData("5")]
    [InlineData("null")]
    [InlineData(" ")]
    [InlineData("{\"JobName\":5}")]
    [InlineData("{\"JobName\":[\"a\"]}")]
    [InlineData("{\"JobName\":\"a\",\"Timeout\":\"5\"}")]
    [InlineData("{\"JobName\":\"a\",\"Timeout\":1.5}")]
    [InlineData("{\"JobName\":\"a\",\"Timeout\":99999999999}")]
    [InlineData("{\"JobName\":\"a\",\"Arguments\":[]}")]
    [InlineData("{\"JobName\":\"a\",\"Arguments\":{\"--a\":1}}")]
    [InlineData("{\"JobName\":\"a\",\"JobRunQueuingEnabled\":\"true\"}")]
    public async Task That_is_no_JSON_of_the_operation_is_a_SerializationException(string body)
    {
        AssertError(await _user.Send("StartJobRun", body), "SerializationException");
    }

    [Fact]
    public async Task In_invalid_UTF_8_is_a_SerializationException()
    {
        byte[] body = [.. "{\"JobName\":\""u8, 0xC3, 0x28, .. "\"}"u8];
        AssertError(await _user.Send("StartJobRun", body), "SerializationException");
    }

    [Fact]
    public async Task Nested_deeper_than_anything_is_a_SerializationException()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_000);
        AssertError(await _user.Send("StartJobRun", deep), "SerializationException");
        AssertError(await _user.Send("StartJobRun", new string('[', 100_000)), "SerializationException");
    }

    [Fact]
    public async Task Without_a_body_lacks_what_is_required()
    {
        AssertError(await _user.Send("StartJobRun", ""), "ValidationException", "jobName", "must not be null");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task That_is_too_large_is_answered_and_not_reset(bool chunked)
    {
        var answer = await _user.Post(
            "AWSGlue.StartJobRun",
            new ByteArrayContent(new byte[TenMegabytes]),
            request => request.Headers.TransferEncodingChunked = chunked
        );
        AssertError(answer, "InvalidInputException", "Request size limit exceeded");
    }

    [Fact]
    public async Task That_is_compressed_is_told_to_come_uncompressed()
    {
        using var compressed = new MemoryStream();
        await using (var gzip = new GZipStream(compressed, CompressionMode.Compress, leaveOpen: true))
            await gzip.WriteAsync("{}"u8.ToArray());
        var content = new ByteArrayContent(compressed.ToArray());
        content.Headers.ContentEncoding.Add("gzip");
        AssertError(await _user.Post("AWSGlue.GetJobs", content), "SerializationException", "gzip", "uncompressed");
    }

    [Fact]
    public async Task Leaves_the_server_as_it_was()
    {
        await _user.Send("StartJobRun", new string('[', 1_000_000));
        Assert.Equal(HttpStatusCode.OK, (await _user.Send("GetJobs", "{}")).Status);
    }

    [Fact]
    public async Task To_another_path_or_by_another_method_is_told_where_the_API_is()
    {
        using var http = new HttpClient();
        using var elsewhere = await http.PostAsync(
            new Uri(_user.Server.Url, "/glue"),
            new StringContent("{}", Encoding.UTF8)
        );
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
        using var put = await http.PutAsync(_user.Server.Url, new StringContent("{}", Encoding.UTF8));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, put.StatusCode);
        Assert.Contains("endpoint-url", await http.GetStringAsync(_user.Server.Url), StringComparison.Ordinal);
    }

    internal static void AssertError(Answer answer, string code, params string[] says)
    {
        Assert.True(answer.Status == HttpStatusCode.BadRequest, answer.ToString());
        Assert.Equal(code, answer.ErrorCode);
        Assert.Equal(code, answer.Headers["x-amzn-errortype"]);
        A_good_request.AssertHeaders(answer);
        Assert.All(says, text => Assert.Contains(text, answer.ErrorMessage, StringComparison.Ordinal));
    }
}
