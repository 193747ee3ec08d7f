using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using GlueOrleans.GrainInterfaces;
using GlueOrleans.Tests.Unit.Gateway.Support;
using Xunit;

namespace GlueOrleans.Tests.Unit.Gateway;

/// <summary>Over a real socket: what only HTTP can get wrong.</summary>
public sealed class The_endpoint : IAsyncLifetime
{
    private const int TenMegabytes = 10 * 1024 * 1024;
    private GatewayOnLoopback _gateway = null!;

    public async ValueTask InitializeAsync() => _gateway = await GatewayOnLoopback.Start();

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task Answers_a_good_request_with_the_headers_of_the_protocol()
    {
        var answer = await _gateway.Post("AWSGlue.StartJobRun", """{"JobName":"job"}""");
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("""{"JobRunId":"jr_1"}""", answer.Body);
        AssertProtocolHeaders(answer);
    }

    [Fact]
    public async Task Reads_an_empty_body_as_an_empty_object()
    {
        Assert.Equal("""{"JobNames":[]}""", (await _gateway.Post("AWSGlue.ListJobs", "")).Body);
        Assert.Equal("ValidationException", (await _gateway.Post("AWSGlue.GetJob", "")).ErrorCode);
    }

    [Theory]
    [InlineData("AWSGlue.CreateTrigger", "{}", "UnknownOperationException")]
    [InlineData("AWSGlue.", "{}", "UnknownOperationException")]
    [InlineData("AWSGlue", "{}", "UnknownOperationException")]
    [InlineData("Logs_20140328.PutLogEvents", "{}", "UnknownOperationException")]
    [InlineData("Logs_20140328.FilterLogEvents", "{}", "InvalidParameterException")]
    [InlineData("Logs_20140328.GetLogEvents", "[]", "SerializationException")]
    [InlineData("Other_20140328.FilterLogEvents", "{}", "UnknownOperationException")]
    [InlineData(null, "{}", "UnknownOperationException")]
    [InlineData("AWSGlue.GetJob", "{not json", "SerializationException")]
    [InlineData("AWSGlue.GetJob", "[]", "SerializationException")]
    [InlineData("AWSGlue.GetJob", """{"JobName":5}""", "SerializationException")]
    [InlineData("AWSGlue.GetJob", """{"JobName":""}""", "ValidationException")]
    [InlineData("AWSGlue.GetJob", """{"JobName":"job"}""", "EntityNotFoundException")]
    public async Task Answers_a_bad_request_with_an_error_in_body_and_header(string? target, string body, string code)
    {
        var answer = await _gateway.Post(target, body);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(code, answer.ErrorCode);
        Assert.Equal(code, answer.Headers["x-amzn-errortype"]);
        AssertProtocolHeaders(answer);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Answers_an_oversize_body_instead_of_resetting_the_connection(bool chunked)
    {
        var answer = await _gateway.Post(
            "AWSGlue.StartJobRun",
            new ByteArrayContent(new byte[TenMegabytes]),
            request => request.Headers.TransferEncodingChunked = chunked
        );
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal("InvalidInputException", answer.ErrorCode);
        Assert.StartsWith("Request size limit exceeded", (string?)answer.Json["Message"], StringComparison.Ordinal);
        Assert.Contains("4194304", answer.Body, StringComparison.Ordinal);
        Assert.Equal("close", answer.Headers["Connection"]);
    }

    [Fact]
    public async Task Accepts_a_chunked_body()
    {
        var answer = await _gateway.Post(
            "AWSGlue.StartJobRun",
            """{"JobName":"job"}""",
            request => request.Headers.TransferEncodingChunked = true
        );
        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Fact]
    public async Task Accepts_a_body_of_exactly_the_limit_and_no_more()
    {
        var start = """{"JobName":"job","Unknown":" """;
        var padding = new string(' ', 4 * 1024 * 1024 - start.Length - 2);
        Assert.Equal(HttpStatusCode.OK, (await _gateway.Post("AWSGlue.StartJobRun", $"{start}{padding}\"}}")).Status);
        Assert.Equal(
            "InvalidInputException",
            (await _gateway.Post("AWSGlue.StartJobRun", $"{start}{padding} \"}}")).ErrorCode
        );
    }

    [Fact]
    public async Task Refuses_a_compressed_body_clearly()
    {
        var answer = await _gateway.Post(
            "AWSGlue.GetJob",
            "{}",
            request => request.Content!.Headers.ContentEncoding.Add("gzip")
        );
        Assert.Equal("SerializationException", answer.ErrorCode);
        Assert.Contains("gzip", answer.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked", "zz\r\n{}\r\n0\r\n\r\n")]
    [InlineData("Content-Length: 50", "{}")]
    public async Task Survives_a_body_that_is_not_what_its_headers_promise(string header, string body)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, _gateway.Address.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSGlue.GetJob\r\n{header}\r\n\r\n{body}"
            )
        );
        socket.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        string response;
        try
        {
            response = await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            // Kestrel may also cut the connection of a client that broke off: then there is no answer to be wrong.
            response = "";
        }

        Assert.DoesNotContain(" 500 ", response, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await _gateway.Post("AWSGlue.ListJobs", "{}")).Status);
    }

    [Theory]
    [InlineData(
        "AWS4-HMAC-SHA256 Credential=123456789012/20260301/us-east-1/glue/aws4_request, SignedHeaders=host, Signature=0",
        "123456789012"
    )]
    [InlineData(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260301/us-east-1/glue/aws4_request, SignedHeaders=host, Signature=0",
        "000000000000"
    )]
    [InlineData("AWS4-HMAC-SHA256 Credential=1234567890123/x", "000000000000")]
    [InlineData("AWS4-HMAC-SHA256 Credential=", "000000000000")]
    [InlineData("Basic Zm9vOmJhcg==", "000000000000")]
    [InlineData(null, "000000000000")]
    public async Task Takes_the_account_from_a_12_digit_access_key_id(string? authorization, string account)
    {
        await _gateway.Post(
            "AWSGlue.StartJobRun",
            """{"JobName":"job"}""",
            request => request.Headers.TryAddWithoutValidation("Authorization", authorization)
        );
        Assert.Equal($"{account}/job", _gateway.Grains.Key);
    }

    [Fact]
    public async Task Says_that_a_grain_did_not_answer_in_time()
    {
        _gateway.Grains.Failure = new TimeoutException("Response did not arrive on time in 00:00:30 for message: …");
        var answer = await _gateway.Post(
            "AWSGlue.CreateJob",
            """{"Name":"job","Role":"any","Command":{"Name":"pythonshell","ScriptLocation":"/script.py"}}"""
        );
        Assert.Equal((HttpStatusCode.BadRequest, "OperationTimeoutException"), (answer.Status, answer.ErrorCode));
    }

    [Fact]
    public async Task Passes_on_the_remedy_when_the_store_is_unavailable()
    {
        _gateway.Grains.Failure = new StoreUnavailableException("The disk of /data is full: free some space.");
        var answer = await _gateway.Post("AWSGlue.StartJobRun", """{"JobName":"job"}""");
        Assert.Equal(
            (HttpStatusCode.InternalServerError, "InternalServiceException"),
            (answer.Status, answer.ErrorCode)
        );
        Assert.Equal("The disk of /data is full: free some space.", (string?)answer.Json["Message"]);
    }

    [Fact]
    public async Task Tells_nothing_of_an_unexpected_failure_but_the_request_id()
    {
        _gateway.Grains.Failure = new InvalidOperationException("secret");
        var answer = await _gateway.Post("AWSGlue.StartJobRun", """{"JobName":"job"}""");
        Assert.Equal(
            (HttpStatusCode.InternalServerError, "InternalServiceException"),
            (answer.Status, answer.ErrorCode)
        );
        Assert.DoesNotContain("secret", answer.Body, StringComparison.Ordinal);
        Assert.Contains(answer.Headers["x-amzn-RequestId"], answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explains_itself_to_a_browser()
    {
        using var response = await _gateway.Client.GetAsync(new Uri("/", UriKind.Relative));
        var answer = await Answer.Of(response);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(MediaTypeHeaderValue.Parse("text/plain; charset=utf-8"), response.Content.Headers.ContentType);
        Assert.Contains(
            $"--endpoint-url {_gateway.Address.ToString().TrimEnd('/')}",
            answer.Body,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("PUT", "/", HttpStatusCode.MethodNotAllowed)]
    [InlineData("OPTIONS", "/", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/nowhere", HttpStatusCode.NotFound)]
    [InlineData("POST", "/a/b.txt", HttpStatusCode.NotFound)]
    public async Task Answers_what_it_does_not_serve_in_the_protocol(string method, string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await _gateway.Client.SendAsync(request);
        var answer = await Answer.Of(response);
        Assert.Equal((status, "UnknownOperationException"), (answer.Status, answer.ErrorCode));
        AssertProtocolHeaders(answer);
    }

    [Fact]
    public async Task Leaves_the_other_routes_of_its_host_alone() =>
        Assert.Equal("fine", await _gateway.Client.GetStringAsync(new Uri("/health", UriKind.Relative)));

    private static void AssertProtocolHeaders(Answer answer)
    {
        Assert.Equal("application/x-amz-json-1.1", answer.Headers["Content-Type"]);
        Assert.True(Guid.TryParse(answer.Headers["x-amzn-RequestId"], out _));
        Assert.Equal(
            Encoding.UTF8.GetByteCount(answer.Body).ToString(CultureInfo.InvariantCulture),
            answer.Headers["Content-Length"]
        );
    }
}
