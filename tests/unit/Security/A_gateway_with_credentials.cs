using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using GlueOrleans.Gateway.Limits;
using GlueOrleans.Gateway.Protocol;
using GlueOrleans.Gateway.Security;
using GlueOrleans.Tests.Support;
using GlueOrleans.Tests.Unit.Gateway.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace GlueOrleans.Tests.Unit.Security;

/// <summary>Over a real socket: who gets in, to what, and in which order things are said.</summary>
public sealed class A_gateway_with_credentials : IAsyncLifetime
{
    private const string Ann = "123456789012";
    private const string Bob = "210987654321";
    private static readonly TestKey AnnsKey = new(
        "AKIAANNANNANNANNANN1",
        "the secret of ann, account 1".Replace(' ', '-')
    );
    private static readonly TestKey BobsKey = new(
        "AKIABOBBOBBOBBOBBOB1",
        "the secret of bob, account 2".Replace(' ', '-')
    );
    private GatewayOnLoopback _gateway = null!;

    public static TheoryData<string> Operations => [.. ShapeTable.Glue.Operations.Keys];

    public async ValueTask InitializeAsync()
    {
        var options = new AuthOptions { Credentials = [Entry(AnnsKey, Ann), Entry(BobsKey, Bob)] };
        options.Credentials[0].User = "ann";
        options.Credentials[0].Operator = true;
        var store = new CredentialStore(
            CredentialSource.Find(options, dataFolder: null),
            TimeProvider.System,
            NullLogger<CredentialStore>.Instance
        );
        _gateway = await GatewayOnLoopback.Start(services => services.AddSingleton(store));
    }

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task Whoever_signs_is_the_account_of_the_key()
    {
        Assert.Equal(HttpStatusCode.OK, (await Post(AnnsKey, "StartJobRun", """{"JobName":"job"}""")).Status);
        Assert.Equal($"{Ann}/job", _gateway.Grains.Key);
        await Post(BobsKey, "StartJobRun", """{"JobName":"job"}""");
        Assert.Equal($"{Bob}/job", _gateway.Grains.Key);
    }

    [Fact]
    public async Task A_twelve_digit_key_opens_no_account()
    {
        var answer = await Post(new TestKey(Ann, "any"), "ListJobs", "{}");
        Assert.Equal((HttpStatusCode.BadRequest, "UnrecognizedClientException"), (answer.Status, answer.ErrorCode));
        Assert.Null(_gateway.Grains.Key);
    }

    [Theory]
    [InlineData("AWSGlue.NoSuchOperation", "{}")]
    [InlineData("Nothing.NoSuchOperation", "{}")]
    [InlineData("AWSGlue.GetJob", "{not json")]
    [InlineData("Logs_20140328.FilterLogEvents", "{}")]
    [InlineData(null, "{}")]
    public async Task Strangers_do_not_learn_what_there_is(string? target, string body)
    {
        var answer = await _gateway.Post(target, body);
        Assert.Equal("MissingAuthenticationTokenException", answer.ErrorCode);
        Assert.Equal("MissingAuthenticationTokenException", answer.Headers["x-amzn-errortype"]);
        Assert.Equal("Missing Authentication Token", (string?)answer.Json["message"]);
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_not_hashed()
    {
        var answer = await Post(AnnsKey, "AWSGlue.GetJob", new string(' ', 5 * 1024 * 1024));
        Assert.Equal("InvalidInputException", answer.ErrorCode);
    }

    /// <summary>Else a few of them could take all the memory that there is for bodies, and hold it.</summary>
    [Fact]
    public async Task A_stranger_s_large_body_takes_no_memory()
    {
        var memory = _gateway.Services.GetRequiredService<BodyMemory>();
        using var client = new RawClient(_gateway.Address);
        await client.Send(RawClient.Head("AWSGlue.StartJobRun", 200_000) + new string(' ', 100_000));
        var known = await Post(AnnsKey, "AWSGlue.StartJobRun", new string(' ', 100_000));
        Assert.Equal("SerializationException", known.ErrorCode);
        Assert.Equal(0, memory.Taken);

        await client.Send(new string(' ', 100_000));
        Assert.Contains("MissingAuthenticationTokenException", await client.Answer(), StringComparison.Ordinal);

        var unknown = new TestKey("AKIANOBODYS7EXAMPLE", "any");
        var large = new string(' ', 5 * 1024 * 1024);
        Assert.Equal("UnrecognizedClientException", (await Post(unknown, "AWSGlue.GetJob", large)).ErrorCode);
    }

    [Theory]
    [InlineData("AWSGlue.NoSuchOperation", "{}", "glue", "UnknownOperationException")]
    [InlineData("AWSGlue.NoSuchOperation", "{}", "logs", "InvalidSignatureException")]
    [InlineData("AWSGlue.GetJob", """{"JobName":"a"}""", "glue", "EntityNotFoundException")]
    [InlineData("AWSGlue.GetJob", """{"JobName":"a"}""", "s3", "InvalidSignatureException")]
    [InlineData("Logs_20140328.FilterLogEvents", "{}", "logs", "InvalidParameterException")]
    [InlineData("Logs_20140328.FilterLogEvents", "{}", "glue", "InvalidSignatureException")]
    public async Task A_signature_is_for_the_service_that_is_called(
        string target,
        string body,
        string service,
        string code
    ) => Assert.Equal(code, (await Post(AnnsKey, target, body, service: service)).ErrorCode);

    [Theory]
    [InlineData(
        "Action=GetCallerIdentity&Version=2011-06-15",
        "sts",
        HttpStatusCode.OK,
        "arn:aws:iam::123456789012:user/ann"
    )]
    [InlineData(
        "Action=GetCallerIdentity&Version=2011-06-15",
        "iam",
        HttpStatusCode.Forbidden,
        "<Code>SignatureDoesNotMatch</Code>"
    )]
    [InlineData(
        "Action=GetRole&Version=2010-05-08&RoleName=r",
        "iam",
        HttpStatusCode.OK,
        "arn:aws:iam::123456789012:role/r"
    )]
    [InlineData("Action=GetUser&Version=2010-05-08", "iam", HttpStatusCode.BadRequest, "<Code>InvalidAction</Code>")]
    public async Task The_query_protocol_is_signed_for_STS_or_IAM(
        string form,
        string service,
        HttpStatusCode status,
        string says
    )
    {
        var answer = await Send(AnnsKey, null, form, service, "application/x-www-form-urlencoded");
        Assert.Equal(status, answer.Status);
        Assert.Contains(says, answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_query_protocol_has_codes_of_its_own()
    {
        var answer = await Send(
            new TestKey("AKIANOBODYS7EXAMPLE", "any"),
            null,
            "Action=GetCallerIdentity&Version=2011-06-15",
            "sts",
            "application/x-www-form-urlencoded"
        );
        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Contains("<Code>InvalidClientTokenId</Code>", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_captured_request_is_no_good_with_another_body_or_target()
    {
        var answer = await Post(AnnsKey, "GetJob", """{"JobName":"a"}""", instead: """{"JobName":"b"}""");
        Assert.Equal("InvalidSignatureException", answer.ErrorCode);
        var changed = await Post(
            AnnsKey,
            "GetJob",
            """{"JobName":"a"}""",
            change: request =>
            {
                request.Headers.Remove("X-Amz-Target");
                request.Headers.Add("X-Amz-Target", "AWSGlue.DeleteJob");
            }
        );
        Assert.Equal("InvalidSignatureException", changed.ErrorCode);
        Assert.Null(_gateway.Grains.Key);
    }

    /// <summary>The account of every grain that any operation asks for is the signer's, whatever the request names.</summary>
    [Theory, MemberData(nameof(Operations))]
    public async Task No_operation_leaves_its_account(string operation)
    {
        var request = Requests.Good(ShapeTable.Glue.Operations[operation].Input).AsObject();
        if (request.ContainsKey("ResourceArn"))
            request["ResourceArn"] = $"arn:aws:glue:us-east-1:{Bob}:job/job";
        // A token is good for its own account only; without one every listing begins.
        request.Remove("NextToken");
        await Post(BobsKey, operation, request.ToJsonString());
        Assert.Equal(Bob, _gateway.Grains.Key?.Split('/')[0]);
    }

    [Theory]
    [InlineData("GetTags", "job/job")]
    [InlineData("TagResource", "job/job")]
    [InlineData("UntagResource", "usageProfile/p")]
    public async Task An_ARN_of_another_account_names_nothing(string operation, string resource)
    {
        _gateway.Grains.Jobs["job"] = AJob.Named("job");
        var request = new JsonObject { ["ResourceArn"] = $"arn:aws:glue:us-east-1:{Ann}:{resource}" };
        request["TagsToAdd"] = new JsonObject { ["a"] = "b" };
        request["TagsToRemove"] = new JsonArray("a");
        var answer = await Post(BobsKey, operation, request.ToJsonString());
        Assert.Equal("EntityNotFoundException", answer.ErrorCode);
    }

    [Fact]
    public async Task A_token_of_another_account_is_none()
    {
        _gateway.Grains.Jobs["a"] = _gateway.Grains.Jobs["b"] = AJob.Named("a");
        var first = await Post(AnnsKey, "ListJobs", """{"MaxResults":1}""");
        var token = (string)first.Json["NextToken"]!;
        var mine = await Post(AnnsKey, "ListJobs", $$"""{"NextToken":"{{token}}"}""");
        Assert.Equal(HttpStatusCode.OK, mine.Status);
        var theirs = await Post(BobsKey, "ListJobs", $$"""{"NextToken":"{{token}}"}""");
        Assert.Equal("InvalidInputException", theirs.ErrorCode);
    }

    [Fact]
    public async Task A_browser_is_told_that_a_key_is_needed()
    {
        var text = await _gateway.Client.GetStringAsync(new Uri("/", UriKind.Relative));
        Assert.Contains("an access key that its operator gave you", text, StringComparison.Ordinal);
        Assert.DoesNotContain("any credentials", text, StringComparison.Ordinal);
    }

    private Task<Answer> Post(
        TestKey key,
        string operation,
        string body,
        string service = "glue",
        string? instead = null,
        Action<HttpRequestMessage>? change = null
    ) =>
        Send(
            key,
            operation.Contains('.', StringComparison.Ordinal) ? operation : $"AWSGlue.{operation}",
            body,
            service,
            "application/x-amz-json-1.1",
            instead,
            change
        );

    private Task<Answer> Send(
        TestKey key,
        string? target,
        string body,
        string service,
        string contentType,
        string? instead = null,
        Action<HttpRequestMessage>? change = null
    )
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(instead ?? body));
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        return _gateway.Post(
            target,
            content,
            request =>
            {
                RequestSigner.Sign(
                    request,
                    _gateway.Address,
                    Encoding.UTF8.GetBytes(body),
                    key,
                    TimeProvider.System.GetUtcNow(),
                    service: service
                );
                change?.Invoke(request);
            }
        );
    }

    private static CredentialOptions Entry(TestKey key, string account) =>
        new()
        {
            AccessKeyId = key.Id,
            SecretAccessKey = key.Secret,
            Account = account,
        };
}
